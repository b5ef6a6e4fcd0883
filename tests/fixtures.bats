#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Trees that look like /proc: states that no real process can be held in, and hostile ones.

load lib

# tree CASE: $JSON is what list says of it. A hostile tree may be answered with a failure of its
# own, but never by a signal or a hang.
tree() {
	"$TESTS/fixtures/make" "$1" "$BATS_TEST_TMPDIR/$1"
	json list --procfs="$BATS_TEST_TMPDIR/$1"
	ZOO_JSON='{"parent": 100, "zombies": [101]}'
	expect '.source == "procfs"'
	valid list
	coroner list -z --procfs="$BATS_TEST_TMPDIR/$1" >"$BATS_TEST_TMPDIR/text" 2>/dev/null
	no_control_bytes "$BATS_TEST_TMPDIR/text"
	JSON_LIST=$JSON
	json namespaces --procfs="$BATS_TEST_TMPDIR/$1"
	valid namespaces
	JSON=$JSON_LIST
}

code() {
	expect 'parent | .verdict.code == $code' --arg code "$1"
}

@test "in-flight: wait4(-1)" {
	tree in-flight
	code in-flight
	expect 'parent | .verdict.nudge == "useless" and
		doing_is("wait4"; "any")'
}

@test "in-flight: waitid(P_ALL, WEXITED)" {
	tree in-flight-waitid
	code in-flight
	expect 'parent | doing_is("waitid"; "any")'
}

@test "in-flight: another thread waits" {
	tree in-flight-thread
	code in-flight
	expect 'parent | .doing.waits_for == "any"'
}

@test "in-flight: the pid argument is an int, whatever the register's upper half holds" {
	tree upper-half
	code in-flight
}

@test "not in-flight: WNOWAIT looks and leaves it" {
	tree wnowait
	code sigchld-default
}

@test "not in-flight: WSTOPPED without WEXITED" {
	tree wstopped
	code sigchld-default
}

@test "not in-flight: __WCLONE does not take a child with SIGCHLD" {
	tree wclone
	code sigchld-default
}

@test "not in-flight: __WNOTHREAD of a thread without children" {
	tree wnothread
	code sigchld-default
}

@test "the system call of a 32-bit process is not taken for a 64-bit one" {
	tree 32-bit
	code sigchld-default
	expect 'parent | doing_is(null; null) and .verdict.certainty == "likely"'
}

@test "waits-for-other: wait4 for one PID" {
	tree waits-for-other
	code waits-for-other
	expect 'parent | doing_is("wait4"; 200)'
}

@test "blocked in both threads" {
	tree blocked-in-both
	code sigchld-blocked
	expect 'parent | .sigchld.blocked and (.sigchld.pending | not) and
		.verdict.nudge == "may-help"'
}

@test "garbage among good processes is passed over and noted" {
	tree garbage
	code sigchld-default
	expect '[.parents[].process.pid] == [100]'
	expect '.zombies == 1'
	expect '.notes | length > 0'
	[ -n "$ERRORS" ]
}

@test "a stat file of another PID is not believed" {
	tree other-pid
	expect '.zombies == 1 and ([.parents[].zombies[].pid] == [101])'
}

@test "parents in a circle do not hang it" {
	tree circle
	expect '[.parents[].zombies[].pid] | sort == [504, 505]'
	expect '[.parents[].process.pid] | sort == [500, 503]'
}

@test "parents in a circle: the tree shows them all, from the oldest on" {
	tree circle
	json tree --procfs="$BATS_TEST_TMPDIR/circle"
	expect '[.tree[].pid] | [500, 503, 504, 505] - . == []'
}

@test "a process younger than the zombie is not its parent, whatever its number" {
	tree reused-parent
	expect '[.parents[] | [.zombies[].pid, .process.comm, .verdict.code]] | sort ==
		[[90, null, "unknown"], [101, "younger", "sigchld-default"]]'
}

@test "a zombie without a parent in sight is told, its verdict unknown" {
	tree no-parent
	expect '.zombies == 2 and ([.parents[].zombies[].pid] | sort == [600, 601])'
	expect 'all(.parents[]; .verdict.code == "unknown" and .verdict.certainty == "likely")'
}

@test "a hostile comm ends at the last parenthesis" {
	tree comm
	expect '[.parents[] | select(.process.pid == 700) | .zombies[].pid] | sort ==
		[701, 702, 703, 704, 705, 706, 707, 708]'
	expect '[.parents[].zombies[] | select(.pid == 701) | .comm] == [") Z 1 1 1 ("]'
	expect '[.parents[].zombies[] | select(.pid == 707) | .comm] == [")))))))))))))))"]'
	expect '[.parents[].zombies[] | select(.pid == 705) | .comm] == [""]'
	expect '[.parents[].zombies[] | select(.pid == 708) | .comm | length] == [15]'
}

@test "details that are rubbish are unknown, the rest is told" {
	tree bad-details
	expect '.zombies == 1'
	expect '[.parents[].zombies[].pid] == [101]'
}

@test "masks that are none are unknown, not 0" {
	tree bad-masks
	expect '.zombies == 1'
	expect '.parents[0] | .verdict.code == "unknown" and ([.masks[]] | all(. == null)) and
		.sigchld.disposition == null'
	# and a number that no uid can be is not cut down to one
	expect '.parents[0].process.uid == null'
}

@test "more NSpid levels than there can be" {
	tree deep-nspid
	code sigchld-default
}

@test "cgroup paths with odd bytes, and a very long one" {
	tree bad-cgroup
	expect '.parents[0].process.container.runtime == "docker"'
}

@test "a thousand threads" {
	tree many-threads
	code sigchld-default
}

@test "where the parent of a zombie is not in sight, no init is said to reap" {
	local tree=$BATS_TEST_TMPDIR/tree status=0
	"$TESTS/fixtures/make" in-flight "$tree"
	rm -r "$tree/100"
	JSON=$(coroner check --settle=0 --format=json --procfs="$tree" 2>/dev/null) || status=$?
	[ "$status" -eq 3 ]
	valid check
	expect '.status == "UNKNOWN" and (.summary | contains("unfit_inits unknown"))'
	expect '.metrics[] | select(.name == "unfit_inits") | .value == null and .state == "UNKNOWN"'
	expect '.metrics[] | select(.name == "zombies") | .value == 1 and .state == "OK"'
	coroner check --settle=0 --only=zombies --procfs="$tree"
	coroner metrics --procfs="$tree" >"$BATS_TEST_TMPDIR/metrics"
	grep -qx 'coroner_complete 0' "$BATS_TEST_TMPDIR/metrics"
	refute grep -q '^coroner_unfit_inits ' "$BATS_TEST_TMPDIR/metrics"
}

@test "--procfs at the real /proc by another name says the same" {
	needs_root
	local target=$BATS_TEST_TMPDIR/same
	mkdir "$target"
	mount --bind /proc "$target"
	cleanup umount "$target"
	zoo sigchld-default --count 2
	json list --procfs="$target"
	expect 'parent | .zombies | pids == ($zoo.zombies | sort)'
}

@test "--procfs on another mount of proc shows that PID namespace" {
	needs_root
	zoo init --members 1
	local target=$BATS_TEST_TMPDIR/proc
	mkdir "$target"
	nsenter -t "$(zoo_get .init)" -p mount -t proc proc "$target"
	cleanup umount "$target"
	json list --procfs="$target"
	expect '.source == "procfs" and .visible_processes == 2'
}
