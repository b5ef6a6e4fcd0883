# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2016,SC2034 # one word a line; jq variables; variables of guest.sh
# A real container under cgroup v2: crun, with PID, mount and cgroup namespaces of its own.

ID=4f5ae1db2c3f4e5d6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b

# container COMMAND…: runs it as PID 1 in the cgroup of a container of Podman's; $init is its PID.
container() {
	mkdir -p bundle/rootfs/bin bundle/rootfs/dev bundle/rootfs/proc bundle/rootfs/sys
	cp /bin/busybox /usr/bin/coroner bundle/rootfs/bin/
	for applet in sh sleep setsid; do
		ln -s busybox "bundle/rootfs/bin/$applet"
	done
	crun spec -f bundle/config.json
	jq '.process.terminal = false | .process.args = $ARGS.positional | .root.readonly = false |
		.linux.cgroupsPath = $path | .linux.resources.pids.limit = 40 |
		.linux.namespaces += [{type: "cgroup"}] | del(.process.rlimits)' \
		--arg path "/machine.slice/libpod-$ID" bundle/config.json --args "$@" >config.json
	mv config.json bundle/config.json
	crun --cgroup-manager=cgroupfs run --no-pivot -d --bundle bundle box </dev/null >box.log 2>&1 ||
		fail "crun: $(cat box.log)"
	init=$(crun list -f json | jq '.[] | select(.id == "box") | .pid')
	trap container_end EXIT
}

container_end() {
	status=$?
	crun delete --force box
	rmdir "$CGROUP/machine.slice"
	(exit "$status")
	test_cleanup
}

# orphans COUNT: left by an exec to PID 1, killed once adopted; they stay as zombies. runc gives an exec a
# session of its own inside, which is what tells adopted children; crun does not.
orphans() {
	crun exec box /bin/setsid /bin/sh -c "i=0; while [ \$i -lt $1 ]; do
		sleep 1000 </dev/null >/dev/null 2>&1 & i=\$((i + 1)); done" </dev/null
	await 30 adopted_are "$1"
	for orphan in $(cat "/proc/$init/task/$init/children"); do
		kill -KILL "$orphan"
		await 30 state_is "$orphan" Z
	done
}

adopted_are() {
	[ "$(wc -w <"/proc/$init/task/$init/children")" -eq "$1" ]
}

test_unfit_init_seen_from_the_host() {
	container /bin/sleep 1000
	orphans 2
	each_source unfit_from_the_host
}

unfit_from_the_host() {
	coro --source="$SOURCE" --json list
	expect '.parents[] | select(.process.pid == $init) | ((.zombies | length) == 2 and
		.verdict.code == "unfit-init" and .process.ns_pids[-1] == 1 and
		.process.container.runtime == "podman" and .process.container.id == $id and
		(.zombies | all(.adopted == true and .container.id == $id)))' \
		init "$init" id "\"$ID\""
	coro --source="$SOURCE" --json namespaces --settle=200ms
	expect '.namespaces[] | select(.init.pid == $init) | .reaps == "no" and .zombies == 2 and
		.container.id == $id' init "$init" id "\"$ID\""
}

# What the container's own mount of cgroup v2 shows, told from inside; then until the fork fails.
test_pids_max_comes_true_inside() {
	container /bin/sleep 1000
	orphans 5
	OUT=$(crun exec box /bin/coroner --json headroom 1 </dev/null 2>err.txt)
	echo "$OUT"
	# 1, five zombies and coroner itself
	expect '.cases[0] | .headroom == 33 and (.exact | not) and
		([.limits[] | select(.kind == "cgroup") | [.name, .max, .current]] == [["/", 40, 7]])'
	# the shell takes the place of coroner; its children stay with 1
	crun exec box /bin/sh -c 'while :; do sleep 1000 </dev/null >/dev/null 2>&1 & done' </dev/null ||
		echo "refused"
	await 30 adopted_are $((5 + 33))
}

test_orphan_of_an_exec_goes_to_its_init() {
	container /bin/sleep 1000
	crun exec --pid-file=shell.pid box /bin/sh -c \
		'sleep 1000 </dev/null >/dev/null 2>&1 & wait' </dev/null >/dev/null 2>&1 &
	children=$!
	await 30 [ -s shell.pid ]
	shell=$(cat shell.pid)
	await 30 grep -q . "/proc/$shell/task/$shell/children"
	orphan=$(tr -d " " <"/proc/$shell/task/$shell/children")
	each_source heir_is_init
	kill -KILL "$shell"
	await 30 adopted_are 1
	same "$orphan" "$(tr -d ' ' <"/proc/$init/task/$init/children")" "the orphan"
}

heir_is_init() {
	coro --source="$SOURCE" --json reaper "$shell"
	expect '.cases[0] | .heir.process.pid == $init and .heir.rule == "init" and
		(.children | length) == 1' init "$init"
}

test_inside_a_cgroup_namespace() {
	container /bin/sleep 1000
	orphans 3
	OUT=$(crun exec box /bin/coroner --json list 2>err.txt </dev/null)
	expect '.zombies == 3 and (.parents[0] | .process.pid == 1 and
		.verdict.code == "unfit-init")'
	OUT=$(crun exec box /bin/coroner --json headroom 1 2>err.txt </dev/null)
	expect '.cases[0].limits | any(.kind == "cgroup" and .max == 40 and .zombies == 3)'
	expect '.notes | length > 0'
}

test_a_paused_container_is_frozen() {
	container /bin/sleep 1000
	orphans 1
	crun pause box
	each_source frozen
	crun resume box
}

frozen() {
	coro --source="$SOURCE" --json list
	expect '.parents[] | select(.process.pid == $init) | .verdict.code == "parent-frozen"' \
		init "$init"
}
