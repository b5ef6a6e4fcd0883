#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Trees below --procfs and --cgroupfs whose file system does not answer, and trees that are very large.

bats_require_minimum_version 1.5.0
load lib

setup() {
	needs_root
	[ -e /dev/fuse ] || skip "needs /dev/fuse"
	AT=$BATS_TEST_TMPDIR/at PROC=$BATS_TEST_TMPDIR/proc
	mkdir "$AT"
	"$TESTS/fixtures/make" in-flight "$PROC"
}

# hung ARGS...: what is below $PROC, at $AT, by a file system that hangs as the arguments of hung-tree say.
hung() {
	zoo hung-tree --tree "$PROC" --at "$AT" "$@"
	cleanup umount -l "$AT"
}

# nothing_left: of what hung, once the file system is gone.
nothing_left() {
	zoo_end
	await none_runs
}

none_runs() {
	! pgrep -x coroner >/dev/null
}

# gives_up FORMAT COMMAND...: UNKNOWN, in its own time, and a whole answer of that format.
gives_up() {
	local begin=$SECONDS
	run --separate-stderr timeout -s KILL 60 "$CORONER" check --format="$1" --timeout=300ms "${@:2}"
	echo "$output"
	[ "$status" -eq 3 ]
	[[ $output == *"gave up after 0.3 s"* ]]
	((SECONDS - begin < 30))
	[ "$1" != json ] || valid check "$output"
}

@test "a file system that answers is read through, whatever it is" {
	hung --hang nothing
	json list --procfs="$AT"
	ZOO_JSON='{"parent": 100, "zombies": [101]}'
	expect 'parent | .verdict.code == "in-flight"'
	local of_dir
	of_dir=$(coroner check --procfs="$PROC" --settle=0 | sed 's/|.*//')
	[ "$(coroner check --procfs="$AT" --settle=0 | sed 's/|.*//')" = "$of_dir" ]
	nothing_left
}

# many_numbers: below $AT what is below $PROC, 200,000 numbers of which there is nothing to read, as of processes that
# have just ended, and 20,000 more zombies of its parent.
many_numbers() {
	mount -t tmpfs -o nr_inodes=0 none "$AT"
	cleanup umount -l "$AT"
	cp -r "$PROC/." "$AT"
	"${PYTHON:-python3}" - "$AT" <<-'END'
		import os, sys
		os.chdir(sys.argv[1])
		with open("101/stat") as stat:
		    rest = stat.read().split(" ", 1)[1]
		for pid in range(1000, 221000):
		    os.mkdir(str(pid))
		    if pid % 11 == 0:
		        with open(f"{pid}/stat", "w") as stat:
		            stat.write(f"{pid} {rest}")
	END
}

@test "a proc of many numbers is read through: those that say nothing are nobody" {
	many_numbers
	JSON=$(timeout -s KILL 60 "$CORONER" --json list --procfs="$AT" 2>/dev/null)
	ZOO_JSON='{"parent": 100}'
	expect '.zombies == 20001 and .visible_processes == 20003'
	expect 'parent | .zombies | length == 20001'
	run --separate-stderr timeout -s KILL 60 "$CORONER" check --settle=0 --procfs="$AT"
	[ "$status" -eq 2 ]
	[[ $output == *"'zombies'=20001;"* ]]
	# in its own time, or not at all
	gives_up nagios --procfs="$AT" --settle=30s
}

@test "check gives up in time wherever its proc hangs, though no signal would end it" {
	local at
	for at in '. list' '. getattr' '100 lookup' '100/stat open' '100/stat read' '101/stat open' '100/status open'; do
		hung --hang "${at% *}" --op "${at#* }"
		echo "$at"
		gives_up nagios --procfs="$AT"
		gives_up json --procfs="$AT"
		nothing_left
		umount -l "$AT"
		CLEANUPS=()
	done
}

@test "check gives up in time where its file system hears nothing any more" {
	hung --hang 100/stat --how deaf
	local format
	for format in nagios json tap junit; do
		gives_up "$format" --procfs="$AT"
	done
	# what has no time of its own ends as any program would
	run timeout -s INT 1 "$CORONER" list --procfs="$AT"
	[ "$status" -eq 124 ]
	nothing_left
}

@test "check gives up in time where the tree of cgroups hangs" {
	local at
	for at in 'pids lookup' 'cgroup.controllers lookup'; do
		hung --hang "${at% *}" --op "${at#* }"
		echo "$at"
		gives_up nagios --cgroupfs="$AT"
		gives_up json --cgroupfs="$AT"
		nothing_left
		umount -l "$AT"
		CLEANUPS=()
	done
}

@test "whoever reads the output of check is not left waiting for what hangs" {
	hung --hang 100/stat --op read
	# until the end of the pipe
	run timeout -s KILL 60 bash -c 'timeout -s KILL 30 "$0" check --timeout=300ms --procfs="$1" 2>&1 | cat; exit "${PIPESTATUS[0]}"' \
		"$CORONER" "$AT"
	[ "$status" -eq 3 ]
	[[ $output == *"gave up after 0.3 s"* ]]
	nothing_left
}

@test "where no child can be had check looks all the same" {
	local pids box
	pids=$(hierarchy pids)
	box=$pids/coroner-hung-$UNIQUE
	mkdir "$box"
	cleanup await rmdir "$box"
	echo 1 >"$box/pids.max"
	# shellcheck disable=SC2016
	run --separate-stderr timeout 30 sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$box" \
		"$CORONER" check --procfs="$PROC" --settle=0
	echo "$output$stderr"
	[[ $output == "CORONER "*"'zombies'=1;"* ]]
}

@test "a mount over the load average that hangs is not touched: it is not the kernel's" {
	needs unshare
	: >"$PROC/average"
	# shellcheck disable=SC2016
	zoo hung-tree --tree "$PROC/average" --at /proc/loadavg --hang . --op getattr
	cleanup umount -l /proc/loadavg
	run timeout -s KILL 20 "$CORONER" headroom "$$"
	[ "$status" -eq 0 ]
	run timeout -s KILL 20 "$CORONER" check --settle=0
	[ "$status" -le 2 ]
	run timeout -s KILL 20 "$CORONER" metrics
	[ "$status" -eq 0 ]
	nothing_left
}
