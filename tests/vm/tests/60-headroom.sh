# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables
# What coroner headroom predicts must come true on this kernel too: cgroup v2, one pid_max for all.

# predicted KIND: the subject's headroom by $SOURCE, bound by a limit of this kind.
predicted() {
	coro --source="$SOURCE" --json headroom "$(zoo_get .subject)"
	same 0 "$STATUS" "exit status"
	expect '.cases[0] | (.headroom | type == "number") and .limits[.binding].kind == $kind' \
		kind "\"$1\""
	said=$(printf '%s\n' "$OUT" | jq '.cases[0].headroom')
	[ -z "${before:-}" ] || [ "$1" = pid_max ] || same "$before" "$said" "headroom by $SOURCE"
	before=$said
}

# forks: how many succeed now.
forks() {
	kill -USR1 "$(zoo_get .subject)"
	await 60 [ -e forks ]
	cat forks
}

test_cgroup_v2_comes_true() {
	cgroup_new pod
	echo +pids >"$CGROUP/pod/cgroup.subtree_control"
	echo 25 >"$CGROUP/pod/pids.max"
	zoo forker --root "$CGROUP" --path pod/leaf --max 400 --count 6 --threads 2
	each_source predicted cgroup
	expect '.cases[0].limits | map(select(.kind == "cgroup")) | map(.zombies) == [6, 6]'
	same "$said" "$(forks)" "forks until EAGAIN"
	coro --json headroom "$(zoo_get .subject)"
	expect '.cases[0].headroom == 0'
	expect '[.cases[0].limits[] | select(.kind == "cgroup").refused] | add > 0'
}

test_nproc_comes_true() {
	chmod 777 .
	zoo forker --uid 4711 --nproc 12 --count 4
	each_source predicted nproc
	expect '.cases[0] | .limits[.binding] | .current == 5 and .zombies == 4 and .max == 12'
	same "$said" "$(forks)" "forks until EAGAIN"
}

# One pid_max for all, and this is the guest's own: what looked (coroner, jq, subshells) held numbers too.
test_pid_max_comes_true() {
	whole=$(cat /proc/sys/kernel/pid_max)
	zoo forker --newpidns 1 --finished 150 --count 3
	echo 1500 >/proc/sys/kernel/pid_max
	each_source predicted pid_max
	expect '[.cases[0].limits[] | select(.kind == "pid_max").max] == [1500, 1500]'
	# this shell cannot fork either until the limit is raised again: builtins only
	kill -USR1 "$(zoo_get .subject)"
	until [ -e forks ]; do
		:
	done
	read -r came <forks
	echo "$whole" >/proc/sys/kernel/pid_max
	[ $((came - said)) -le 40 ] && [ $((said - came)) -le 40 ] || fail "predicted $said, came $came"
}
