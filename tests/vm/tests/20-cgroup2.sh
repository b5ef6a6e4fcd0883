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
