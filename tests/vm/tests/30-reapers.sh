# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables
# Who inherits, and who reaps.

test_init_of_a_namespace_inherits() {
	zoo nested --depth 2 --count 1
	inner=$(zoo_get '.inits[-1]')
	each_source no_heir "$inner"
}

no_heir() {
	coro --source="$SOURCE" --json reaper "$1"
	expect '.cases[0] | .process.role == "init" and .heir.rule == "none" and
		.heir.process == null'
}

test_subreaper_is_exact_by_bpf() {
	zoo unfit-init --how subreaper --count 2
	parent=$(zoo_get .parent)
	coro --source=bpf --json reaper
	expect '[.reapers[] | select(.process.pid == $parent)] | length == 1 and
		(.[0] | .kind == "subreaper" and .adopted >= 2 and .zombies == 2)' parent "$parent"
	coro --source=procfs --json reaper
	expect '.source == "procfs" and ([.reapers[] | select(.process.pid == 1)] | length) == 1'
}

# What is foretold of a shell's child is what then happens: no subreaper above, so init has it.
test_foretold_and_seen() {
	mkfifo gate
	sh -c 'sleep 1000 & echo $! >child; read -r _ <gate' &
	children=$!
	await 30 [ -s child ]
	child=$(cat child)
	each_source heir_is "$children" 1 "$child"
	kill -KILL "$children"
	wait "$children" || true
	same 1 "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$child/status")" "new parent"
	coro --json orphans
	kill -KILL "$child"
}

heir_is() {
	coro --source="$SOURCE" --json reaper "$1"
	expect '.cases[0] | .heir.process.pid == $heir and .heir.rule == "init" and
		(.children | map(.pid)) == [$child]' heir "$2" child "$3"
	expect 'if .source == "bpf" then .cases[0].heir.certainty == "kernel" else true end'
}

test_namespaces_and_their_inits() {
	zoo init --how waits --orphans 2
	each_source namespace_reaps yes
	zoo init --how ignores
	each_source namespace_reaps yes
	zoo unfit-init
	each_source namespace_reaps no
}

namespace_reaps() {
	coro --source="$SOURCE" --json namespaces --settle=200ms
	expect '[.namespaces[] | select(.init.pid == $init)] | length == 1 and
		.[0].reaps == $reaps' init "$(zoo_get '.init // .inits[-1] // .parent')" reaps "\"$1\""
}

test_probe_of_a_namespace() {
	zoo init --how sigwait
	coro --json probe "$(zoo_get '.init // .inits[-1] // .parent')"
	same 0 "$STATUS" "exit status"
	expect '.reaped == true and .adopter.ns_pid == 1 and .left_behind == null'
	zoo init --how sleeps
	coro --json probe "$(zoo_get '.init // .inits[-1] // .parent')"
	same 1 "$STATUS" "exit status"
	expect '.reaped == false and .adopter.ns_pid == 1 and (.left_behind | type) == "number"'
	state_is "$(echo "$OUT" | jq .left_behind)" Z
}
