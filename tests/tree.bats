#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner tree: what is kept, what is folded, and the forms it is drawn in.

load lib

# Words for the filters: every node of the answer, one by its PID, and those at the top.
nodes='.tree'
tops='[.tree[] | select(.parent == null) | .pid]'

node() {
	expect "$nodes | .[] | select(.pid == $1) | $2"
}

@test "zombies, orphans, reapers and the way to them are kept, with their marks" {
	local source
	zoo init --how waits --orphans 1 --members 3
	for source in $(sources); do
		json tree --source="$source"
		expect '.schema == "coroner.tree/1"'
		node "$(zoo_get .init)" '.marks == ["init"] and .folded == 3 and
			.depth > 0'
		expect '[.tree[] | select(.parent == $zoo.init) | .pid] == $zoo.orphans'
		node "$(zoo_get '.orphans[0]')" '.marks == ["orphan"] and .folded == 0'
		expect "$nodes | all(.pid != \$zoo.members[0])"
		valid tree
	done
	zoo unfit-init --count 2
	json tree
	node "$(zoo_get .parent)" '.zombies == 2'
	expect '[.tree[] | select(.parent == $zoo.parent) | .pid] | sort == ($zoo.zombies | sort)'
	expect "$nodes | [.[] | select(.marks | index(\"zombie\")) | .pid] | contains(\$zoo.zombies)"
}

@test "JSON: each node stands behind the one above it, one step deeper" {
	zoo nested --depth 3 --count 2
	json tree
	expect '[foreach .tree[] as $node ({}; .[$node.pid | tostring] = $node.depth;
		if $node.parent == null then $node.depth == 0
		else .[$node.parent | tostring] + 1 == $node.depth end)] | length > 6 and all'
	expect '.tree | all(.parent == null or .parent == .ppid)'
}

@test "kept and folded together are all that is visible" {
	zoo nested --depth 2
	json tree
	expect "$nodes as \$all | (\$all | length) + ([\$all[].folded] | add) + .folded == .visible_processes"
}

@test "a PID: its branch alone, itself in any case" {
	zoo nested --depth 3 --count 2
	json tree "$(zoo_get '.inits[1]')"
	expect "$tops == [\$zoo.inits[1]]"
	expect "$nodes | map(.pid) | sort == (\$zoo.inits[1:] + \$zoo.zombies[2:] | sort)"
	json tree $$
	expect "$tops == [\$pid]" --argjson pid $$
	run coroner tree 4194304
	[ "$status" = 1 ]
	[[ $output == *"there is no process 4194304"* ]]
}

@test "--pid-ns keeps what is in it, and the way down" {
	zoo nested --depth 2 --count 1
	json tree --pid-ns="$(pidns_of "$(zoo_get '.inits[1]')")"
	expect "$nodes | map(.pid) | contains([\$zoo.inits[1], \$zoo.inits[0], \$zoo.zombies[1]])"
	expect "$nodes | all(.pid != \$zoo.zombies[0])"
}

@test "text: branches, marks, the border of a PID namespace, zombies of one name on a line" {
	local inode
	zoo unfit-init --count 2 --own 5
	inode=$(pidns_of "$(zoo_get .parent)")
	run coroner tree "$(zoo_get .parent)"
	[ "$status" = 0 ]
	[ "${lines[0]}" = "$(zoo_get .parent) sleep  init, pidns $inode, holds 7 zombies, reaps: unknown" ]
	grep -q "^├─ $(zoo_get '.zombies[0]') unfit-init  zombie, orphan$" <<<"$output"
	grep -q "^└─ unfit-init ×5  zombies: $(zoo_get '.zombies[2]') " <<<"$output"
}

@test "text: in ASCII where the locale has no UTF-8, and without escapes in a pipe" {
	zoo unfit-init --count 2
	LC_ALL=C "$CORONER" tree "$(zoo_get .parent)" >"$BATS_TEST_TMPDIR/out"
	grep -q "^|- $(zoo_get '.zombies[0]') " "$BATS_TEST_TMPDIR/out"
	grep -q "^\`- $(zoo_get '.zombies[1]') " "$BATS_TEST_TMPDIR/out"
	refute env LC_ALL=C grep -qP '[^\n\x20-\x7e]' "$BATS_TEST_TMPDIR/out"
	"$CORONER" tree --color=always "$(zoo_get .parent)" >"$BATS_TEST_TMPDIR/out"
	grep -q $'\e\\[38;5;161m' "$BATS_TEST_TMPDIR/out"
}

@test "text: no line is longer than the terminal" {
	needs script
	zoo nested --depth 6 --count 6
	script -qec "stty cols 40; $CORONER tree $(zoo_get '.inits[0]')" /dev/null </dev/null |
		tr -d '\r' | sed $'s/\e\\[[0-9;]*m//g' >"$BATS_TEST_TMPDIR/out"
	[ "$(grep -c nested "$BATS_TEST_TMPDIR/out")" = 12 ]
	[ "$(wc -L <"$BATS_TEST_TMPDIR/out")" -le 40 ]
}

@test "text: what lies deeper than sixty levels stands at the last of them, with its depth" {
	herd --parents 0 --chain 100
	beside_herd "$CORONER" tree >"$BATS_TEST_TMPDIR/out"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" = 103 ]
	grep -qE '^ *└─ 61 herd$' "$BATS_TEST_TMPDIR/out"
	grep -qE '^ *└─ \[61\] 62 herd$' "$BATS_TEST_TMPDIR/out"
	grep -qE '^ *└─ \[101\] 102 herd  zombie$' "$BATS_TEST_TMPDIR/out"
	[ "$(wc -L <"$BATS_TEST_TMPDIR/out")" -lt 230 ]
}

@test "--dot is what Graphviz draws, a frame around each PID namespace" {
	needs dot
	zoo nested --depth 3 --count 2
	coroner tree --dot "$(zoo_get '.inits[0]')" >"$BATS_TEST_TMPDIR/tree.dot"
	dot -Tsvg -o "$BATS_TEST_TMPDIR/tree.svg" "$BATS_TEST_TMPDIR/tree.dot"
	[ "$(grep -c 'class="cluster"' "$BATS_TEST_TMPDIR/tree.svg")" -ge 3 ]
	[ "$(grep -c 'class="node"' "$BATS_TEST_TMPDIR/tree.svg")" = 9 ]
	[ "$(grep -c 'class="edge"' "$BATS_TEST_TMPDIR/tree.svg")" = 8 ]
}

# The frames for Graphviz in the subtree of a process, by the inodes in their labels.
frames() {
	coroner tree --dot "$1" >"$BATS_TEST_TMPDIR/frames.dot"
	dot -Tsvg -o /dev/null "$BATS_TEST_TMPDIR/frames.dot"
	sed -n 's/.*label="PID namespace \([0-9]*\)";$/\1/p' "$BATS_TEST_TMPDIR/frames.dot" | sort
}

@test "--dot: no frame for a namespace of which nothing is drawn" {
	needs dot
	local inner outer
	zoo init --members 1
	zoo nested --depth 2 --count 1
	outer=$(zoo_get '.inits[0]') inner=$(zoo_get '.inits[1]')
	[ "$(frames "$outer")" = "$(printf '%s\n' "$(pidns_of "$outer")" "$(pidns_of "$inner")" | sort)" ]
	# the frame around stays, though nothing in it is drawn but the other frame
	[ "$(frames "$inner")" = "$(frames "$outer")" ]
	zoo sigchld-default
	[ "$(frames "$(zoo_get .parent)")" = "" ]
}

@test "--dot: names with quotes, backslashes and control bytes are drawn too" {
	needs dot
	zoo awkward --case quote
	zoo awkward --case escape
	coroner tree --dot >"$BATS_TEST_TMPDIR/tree.dot"
	dot -Tsvg -o /dev/null "$BATS_TEST_TMPDIR/tree.dot"
	no_control_bytes "$BATS_TEST_TMPDIR/tree.dot"
}

# The line or node of that process must match: text, then the picture.
drawn() {
	coroner tree --color=always "${@:4}" "$1" | head -n 1 >"$BATS_TEST_TMPDIR/line"
	grep -qE $'^\033\\[38;5;'"$2m$1 " "$BATS_TEST_TMPDIR/line"
	coroner tree --dot "${@:4}" "$1" | grep -E "label=\"$1 .*shape=house, color=\"$3\""
}

@test "a reaper that does not reap is red, one of which that is not known yellow, and green one that is well" {
	zoo init --how waits
	drawn "$(zoo_get .init)" 28 '#26763d'
	zoo unfit-init --count 2
	drawn "$(zoo_get .parent)" 161 '#c01c28' --settle=50ms | grep -q 'reaps: no'
	json tree --settle=50ms "$(zoo_get .parent)"
	node "$(zoo_get .parent)" '.reaps == "no"'
	node "$(zoo_get '.zombies[0]')" '.reaps == null'
	# dead for less than what lazy reapers take
	zoo unfit-init --count 1
	drawn "$(zoo_get .parent)" 130 '#a66a00' --source=procfs | grep -q 'reaps: unknown'
}
