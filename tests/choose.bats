#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner list: the parents and zombies that are chosen, and the columns that name people and commands.

bats_require_minimum_version 1.5.0
load lib

setup() {
	OUT=$BATS_TEST_TMPDIR/out
}

# What the suite's own processes leave for a moment is none of what was made.
coroner() {
	"$CORONER" --settle=50ms "$@"
}

@test "--top: the parents with the most zombies, and what was left out" {
	local most middle
	zoo sigchld-default --count 7
	most=$(zoo_get .parent)
	zoo sigchld-caught --how nothing --count 5
	middle=$(zoo_get .parent)
	zoo sigchld-default --count 3
	json list --top=2
	expect '[.parents[].process.pid] == [$most, $middle] and .zombies == 15 and
		.left_out == {"parents": 1, "zombies": 3}' --argjson most "$most" --argjson middle "$middle"
	valid list
	json list --top=3
	expect '(.parents | length) == 3 and .left_out == {"parents": 0, "zombies": 0}'
	[ "$(coroner list --top=1 --no-headings -o pid)" = "$most" ]
	[ "$(coroner list -z --top=1 --no-headings -o ppid | sort -u)" = "$most" ]
	coroner list --top=2 >"$OUT"
	grep -q "^15 zombies under 3 parents, 1 of them not shown; " "$OUT"
	refute grep -qw "$(zoo_get .parent)" "$OUT"
	local bad
	for bad in 0 -1 x 3x ''; do
		run coroner list --top="$bad"
		[ "$status" = 2 ]
	done
}

@test "--verdict: the parents with it, the zombies with it, and a mixed parent by each" {
	local mixed
	zoo clone-child --count 2 --plain 3
	mixed=$(zoo_get .parent)
	zoo sigchld-caught --how nothing
	[ "$(coroner list --verdict=sigchld-caught --no-headings -o pid)" = "$(zoo_get .parent)" ]
	[ "$(coroner list --verdict=clone-child --no-headings -o pid)" = "$mixed" ]
	[ "$(coroner list -z --verdict=clone-child --no-headings -o verdict | sed 's/?$//' | sort | uniq -c)" = "      2 clone-child" ]
	coroner list --verdict=sigchld-caught,clone-child --no-headings -o pid >"$OUT"
	[ "$(wc -l <"$OUT")" = 2 ]
	json list --verdict=traced
	expect '.parents == [] and .left_out.parents == 2 and .zombies == .left_out.zombies'
	coroner list --verdict=traced >"$OUT"
	grep -q "under 2 parents, 2 of them not shown; " "$OUT"
	run coroner list --verdict=unfit-inti
	[ "$status" = 2 ]
	[[ $output == *"there is no verdict 'unfit-inti'; did you mean 'unfit-init'?"* ]]
	run coroner list --verdict=
	[ "$status" = 2 ]
}

@test "the columns user and args: names, numbers of users without one, brackets for what has no arguments" {
	needs_root
	local name
	zoo sigchld-default
	coroner list --no-headings -o pid,user,args >"$OUT"
	[ "$(cat "$OUT")" = "$(zoo_get .parent) root $(tr '\0' ' ' <"/proc/$(zoo_get .parent)/cmdline" | sed 's/ $//')" ]
	coroner list -z --no-headings -o user,args >"$OUT"
	[ "$(cat "$OUT")" = "root [sigchld-default]" ]
	zoo_end
	name=$(getent passwd nobody | cut -d : -f 3)
	zoo_start setpriv --reuid="$name" --clear-groups "$ZOO/sigchld-default"
	[ "$(coroner list --no-headings -o user)" = nobody ]
	[ "$(coroner list --no-headings -o user -z)" = nobody ]
	zoo_end
	zoo_start setpriv --reuid=54321 --clear-groups "$ZOO/sigchld-default"
	[ "$(coroner list --no-headings -o user)" = 54321 ]
	# of another machine's proc it is not known here who that is
	mkdir "$BATS_TEST_TMPDIR/proc"
	mount -t proc proc "$BATS_TEST_TMPDIR/proc"
	cleanup umount "$BATS_TEST_TMPDIR/proc"
	[ "$(coroner list --no-headings -o user,uid)" = "54321 54321" ]
}

@test "args of what may not be read, and those that would drive the terminal" {
	zoo awkward --case escape
	coroner list --no-headings -o args >"$OUT"
	[ -s "$OUT" ]
	no_control_bytes "$OUT"
}

@test "one process is no processes" {
	needs_root
	# nothing but coroner itself lives in there
	run --separate-stderr unshare --pid --fork --mount-proc "$CORONER" list --source=procfs
	[ "$output" = "no zombies; 1 process seen through procfs" ]
}
