# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables
# What only cgroup v2 has: cgroup.freeze, one tree for all controllers, its way of counting.

test_parent_frozen_by_cgroup_freeze() {
	zoo parent-frozen --v2 "$CGROUP" --path vm-frozen
	same 1 "$(cat "$CGROUP/$(zoo_get .cgroup)/cgroup.freeze")" "cgroup.freeze"
	verdict parent-frozen
	expect_parent '.verdict.nudge == "unknown"'
	echo 0 >"$CGROUP/$(zoo_get .cgroup)/cgroup.freeze"
	verdict sigchld-default
}

test_frozen_by_an_ancestor() {
	cgroup_new outer
	cgroup_new outer/inner
	zoo cgroup --path "$CGROUP:outer/inner"
	verdict sigchld-default
	echo 1 >"$CGROUP/outer/cgroup.freeze"
	await 30 grep -q '^frozen 1' "$CGROUP/outer/inner/cgroup.events"
	verdict parent-frozen
	echo 0 >"$CGROUP/outer/cgroup.freeze"
}

# from_a_namespace CGROUP COMMAND…: as the only process of a cgroup, where its cgroup namespace begins; the
# mount shows what is above that.
from_a_namespace() {
	OUT=$(sh -c 'echo $$ >"$0/$1/cgroup.procs" && shift && exec /usr/bin/unshare --cgroup "$@"' "$CGROUP" "$@" 2>err.txt) ||
		fail "in a cgroup namespace: $(cat err.txt)"
	ERR=$(cat err.txt)
	printf '%s\n' "$OUT" "$ERR"
}

test_frozen_beside_a_cgroup_namespace() {
	cgroup_new outer
	cgroup_new outer/spy
	zoo parent-frozen --v2 "$CGROUP" --path outer/vm-frozen
	each_source frozen_from_the_spy
}

frozen_from_the_spy() {
	from_a_namespace outer/spy coroner --source="$SOURCE" --json list
	expect_parent '.verdict | .code == "parent-frozen" and .certainty == "proven"'
	from_a_namespace outer/spy coroner --source="$SOURCE" explain "$(zoo_get .parent)"
	printf '%s\n' "$OUT" | tr -s ' \n' ' ' | grep -qF "echo 0 > $CGROUP/$(zoo_get .cgroup)/cgroup.freeze"
}

test_limits_beside_and_above_a_cgroup_namespace_come_true() {
	cgroup_new pod
	echo +pids >"$CGROUP/pod/cgroup.subtree_control"
	echo 25 >"$CGROUP/pod/pids.max"
	cgroup_new pod/spy
	zoo forker --root "$CGROUP" --path pod/leaf --max 400 --count 6 --threads 2
	each_source limits_from pod/spy
	kill -USR1 "$(zoo_get .subject)"
	await 60 [ -e forks ]
	# whoever looked was in the pod, too
	same $((HEADROOM + 1)) "$(cat forks)" "forks until EAGAIN"
}

limits_from() {
	from_a_namespace "$1" coroner --source="$SOURCE" --json headroom "$(zoo_get .subject)"
	expect '.cases[0] | .exact and .limits[.binding].max == 25 and
		([.limits[] | select(.kind == "cgroup").name] == ["/pod/leaf", "/pod"])'
	HEADROOM=$(printf '%s\n' "$OUT" | jq '.cases[0].headroom')
}

# Docker's own path with the systemd driver; a zombie keeps its cgroup on v2.
test_container_from_the_path() {
	id=4f5ae1db2c3f4e5d6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b
	zoo cgroup --path "$CGROUP:system.slice/docker-$id.scope" --init
	each_source container_is docker "$id"
}

container_is() {
	coro --source="$SOURCE" --json list
	expect_parent '.process.container.runtime == $runtime and
		.process.container.id == $id and (.zombies | all(.container.id == $id))' \
		runtime "\"$1\"" id "\"$2\""
}

test_zombies_fill_pids_max() {
	cgroup_new full
	echo 20 >"$CGROUP/full/pids.max"
	(
		echo 0 >"$CGROUP/full/cgroup.procs"
		exec sleep 1000
	) &
	children=$!
	await 30 grep -q full "/proc/$children/cgroup"
	coro --json headroom "$children"
	expect '.cases[0] | .headroom == 19 and (.limits[.binding] | .kind == "cgroup" and
		.current == 1 and .max == 20 and .headroom == 19 and .zombies == 0)'
	kill -KILL "$children"
	wait "$children" || true

	echo $$ >"$CGROUP/full/cgroup.procs"
	zoo sigchld-default --count 8
	echo $$ >"$CGROUP/cgroup.procs"
	# The zoo's two, its zombies and the holder of its input; helpers of the shell end by and by.
	await 30 grep -qx 11 "$CGROUP/full/pids.current"
	each_source full_with 8 11
}

full_with() {
	coro --source="$SOURCE" --json headroom "$(zoo_get .parent)"
	expect '.cases[0] | .headroom == 20 - $current and (.limits[.binding] | .kind == "cgroup" and
		.current == $current and .zombies == $zombies and .applies)' current "$2" zombies "$1"
}

test_an_ancestor_binds_first() {
	cgroup_new pod
	echo +pids >"$CGROUP/pod/cgroup.subtree_control"
	cgroup_new pod/container
	echo 30 >"$CGROUP/pod/pids.max"
	echo 200 >"$CGROUP/pod/container/pids.max"
	zoo cgroup --path "$CGROUP:pod/container"
	coro --json headroom "$(zoo_get .parent)"
	expect '.cases[0] | .limits[.binding] | .kind == "cgroup" and .max == 30 and
		(.name | test("pod")) and (.name | test("container") | not)'
	expect '[.cases[0].limits[] | select(.kind == "cgroup" and .max != null) | .max] | sort ==
		[30, 200]'
}

test_refused_forks_are_counted() {
	cgroup_new tight
	echo 1 >"$CGROUP/tight/pids.max"
	(
		echo 0 >"$CGROUP/tight/cgroup.procs"
		# ash gives up at a failed fork; without the last line it would not fork at all
		(true)
		:
	) || true
	(
		echo 0 >"$CGROUP/tight/cgroup.procs"
		exec sleep 1000
	) &
	children=$!
	await 30 grep -q tight "/proc/$children/cgroup"
	grep -q '^max [1-9]' "$CGROUP/tight/pids.events"
	coro --json headroom "$children"
	expect '.cases[0] | .headroom == 0 and (.limits[.binding] | .kind == "cgroup" and .max == 1
		and .refused >= 1)'
}
