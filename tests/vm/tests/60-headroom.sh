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
	foretold="${foretold:-} $said"
}

# all_foretell N: whichever the source.
all_foretell() {
	for one in $foretold; do
		same "$1" "$one" "headroom by every source:$foretold"
	done
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
	all_foretell "$said"
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
	all_foretell "$said"
	expect '.cases[0] | .limits[.binding] | .current == 5 and .zombies == 4 and .max == 12'
	same "$said" "$(forks)" "forks until EAGAIN"
}

# everybody: the numbers of all processes in $EVERYBODY, by builtins alone: nothing comes or goes for it.
everybody() {
	EVERYBODY=
	for entry in /proc/[0-9]*; do
		EVERYBODY="$EVERYBODY ${entry#/proc/}"
	done
}

# A look that fell into a quiet moment: the same processes before and after it.
looked_in_peace() {
	foretold=
	everybody
	before_it=$EVERYBODY
	each_source predicted pid_max
	everybody
	[ "$before_it" = "$EVERYBODY" ]
}

# changed BEFORE AFTER FORKS: by how much the others' coming and going changed the room there was. A
# number that is free again helps only from 300 up to pid_max; a new one always comes from there.
changed() {
	CHANGED=0
	for n in $1; do
		case " $2 " in
		*" $n "*) CHANGED=$((CHANGED + 1)) ;;
		*) [ "$n" -lt 300 ] || [ "$n" -ge 600 ] || CHANGED=$((CHANGED + 1)) ;;
		esac
	done
	# shellcheck disable=SC2086 # words
	set -- "$3" $2
	CHANGED=$((CHANGED + $1 - $# + 1))
}

# One pid_max for all, and this is the guest's own, whose kernel threads come and go: they are counted.
test_pid_max_comes_true() {
	whole=$(cat /proc/sys/kernel/pid_max)
	# of a number from pid_max up, given out before it was lowered, nothing is taken away: processes,
	# threads, sessions without a leader; the cursor stands up there too
	zoo forker --newpidns 1 --finished 500 --count 3 --leaders 3 --threads 3
	echo 600 >/proc/sys/kernel/pid_max
	zoo forker --newpidns 1 --finished 150 --count 3
	subject=$(zoo_get .subject)
	await 60 looked_in_peace
	all_foretell "$said"
	# before 6.14 there is one for all; since then this is that of the outermost, and binds all the same
	if kernel_since 6 14; then
		expect '[.cases[0].limits[] | select(.kind == "pid_max").max] | length == 2 and .[0] > 600 and .[1] == 600'
	else
		expect '[.cases[0].limits[] | select(.kind == "pid_max").max] == [600, 600]'
	fi
	# this shell cannot fork either until the limit is raised again: builtins only
	everybody
	at_rest=$EVERYBODY
	kill -USR1 "$subject"
	until [ -e forks ]; do
		:
	done
	read -r came <forks
	everybody
	echo "$whole" >/proc/sys/kernel/pid_max
	changed "$at_rest" "$EVERYBODY" "$came"
	[ "$CHANGED" = 0 ] || echo "note: the guest's own processes changed the room by $CHANGED"
	# one more: coroner itself held a number when it looked
	same $((said + 1 + CHANGED)) "$came" "forks until EAGAIN"
}
