#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The shape of every answer: one JSON object and a newline, valid UTF-8, as man/coroner.schema.json
# defines it; and what happens when it cannot be written.

bats_require_minimum_version 1.5.0
load lib

# A bit of everything that list can meet.
menagerie() {
	mkdir -p "$BATS_TEST_TMPDIR/cores"
	zoo exits --cores "$BATS_TEST_TMPDIR/cores"
	zoo threads-alive
	zoo traced
	zoo namespace-dying
	zoo clone-child
	zoo unfit-init --count 2
	zoo waits --how waitpid --newpidns 2
	zoo sigchld-blocked --how signalfd
	zoo sigchld-default --newpidns 1
	zoo awkward --case invalid
}

@test "the schema itself is one, and refuses what is wrong" {
	needs python3
	JSON='{"schema": "coroner.list/1", "source": "bpf", "visible_processes": 1, "notes": [],
		"zombies": 0, "parents": [], "left_out": {"parents": 0, "zombies": 0}}'
	validate --schema list - <<<"$JSON"
	refute validate list - <<<"${JSON/bpf/tarot}"
	refute validate list - <<<'{}'
	refute validate no-such-command - <<<"$JSON"
}

@test "coroner-json(5) names every field that the schema has" {
	needs python3
	python3 - "$ROOT/man/coroner.schema.json" "$ROOT/man/coroner-json.5" <<-'END'
		import json, re, sys

		def fields(node):
		    if isinstance(node, list):
		        for one in node:
		            yield from fields(one)
		    elif isinstance(node, dict):
		        if isinstance(node.get("properties"), dict):
		            yield from node["properties"]
		        if isinstance(node.get("propertyNames"), dict):
		            yield from node["propertyNames"].get("enum", [])
		        for one in node.values():
		            yield from fields(one)

		page = open(sys.argv[2], encoding="utf-8").read()
		named = set(re.findall(r"[A-Za-z_]+", " ".join(re.findall(r"\bVa (.*)", page))))
		missing = sorted(set(fields(json.load(open(sys.argv[1], encoding="utf-8")))) - named)
		assert len(named) > 100
		sys.exit("not in coroner-json(5): " + ", ".join(missing) if missing else 0)
	END
}

@test "list: every source's answer is valid" {
	local source
	menagerie
	for source in $(sources); do
		json list --source="$source"
		valid list
	done
}

@test "list -z --json is the same answer" {
	zoo sigchld-default --count 3
	json list -z
	valid list
	expect 'parent | .zombies | length == 3'
}

@test "namespaces: every source's answer is valid" {
	local source
	menagerie
	zoo init --members 1 --orphans 1
	for source in $(sources); do
		json namespaces --source="$source"
		valid namespaces
	done
}

@test "every other command's answer is valid, for a parent, a zombie and an init" {
	local command pid
	menagerie
	zoo init --members 1 --orphans 1
	local init
	init=$(zoo_get .init)
	zoo waits --how waitpid --newpidns 1
	for command in reaper orphans headroom "nudge --all --dry-run"; do
		# shellcheck disable=SC2086
		json $command
		valid "${command%% *}"
	done
	for pid in "$init" "$(zoo_get .parent)" "$(zoo_get '.zombies[0]')"; do
		for command in explain signals reaper headroom "nudge --dry-run"; do
			# shellcheck disable=SC2086
			json $command "$pid" || return 1
			valid "${command%% *}"
		done
	done
	json probe
	valid probe
	# its status is the health itself
	JSON=$(coroner check --json) || [ $? -le 3 ]
	valid check
}

@test "an unprivileged answer is valid too" {
	needs_root
	local directory
	directory=$(mktemp -d /tmp/coroner-json.XXXXXX)
	cleanup rm -rf "$directory"
	chmod 755 "$directory"
	cp "$CORONER" "$directory/coroner"
	menagerie
	for command in list namespaces; do
		JSON=$(unprivileged "$directory/coroner" $command --json 2>/dev/null)
		valid $command
	done
}

@test "one object, one newline at the end, UTF-8, nothing else" {
	zoo awkward --case ff
	coroner list --json >"$BATS_TEST_TMPDIR/out"
	[ "$(tail -c 1 "$BATS_TEST_TMPDIR/out" | od -An -tx1 | tr -d ' ')" = 0a ]
	[ "$(jq -s length <"$BATS_TEST_TMPDIR/out")" = 1 ]
	iconv -f UTF-8 -t UTF-8 <"$BATS_TEST_TMPDIR/out" >/dev/null
	refute env LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$BATS_TEST_TMPDIR/out"
}

@test "a NUL byte never comes out, and each name once" {
	zoo sigchld-default
	coroner list --json >"$BATS_TEST_TMPDIR/out"
	python3 - "$BATS_TEST_TMPDIR/out" <<'END'
import json, sys

def once(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), names
    return dict(pairs)

text = open(sys.argv[1], "rb").read()
assert b"\0" not in text
json.loads(text, object_pairs_hook=once)
END
}

@test "--json before the command is the same as after" {
	zoo sigchld-default
	JSON=$(coroner --json namespaces)
	expect '.schema == "coroner.namespaces/1"'
	JSON=$(coroner namespaces --json)
	expect '.schema == "coroner.namespaces/1"'
}

@test "a full disk under the output is a failure with a message" {
	local command format
	zoo sigchld-default
	for command in list namespaces; do
		for format in "" --json; do
			run bash -c '"$0" $1 $2 2>&1 >/dev/full' "$CORONER" "$command" "$format"
			[ "$status" = 1 ]
			[[ $output == *"No space left"* ]]
		done
	done
}

@test "a closed standard output is a failure" {
	run bash -c '"$0" list --json 2>&1 >&-' "$CORONER"
	[ "$status" = 1 ]
	[ -n "$output" ]
}

@test "a broken pipe is a failure, and does not hang" {
	zoo sigchld-default --count 200
	run bash -c 'set -o pipefail
		{ "$0" list -z --json; echo "status $?" >&2; } 2>&1 >&3 3>&- | cat' "$CORONER" \
		3> >(exec true)
	[[ $output == *status* ]]
}

@test "no /proc below --procfs is a failure with its name" {
	mkdir "$BATS_TEST_TMPDIR/empty"
	run coroner list --procfs="$BATS_TEST_TMPDIR/empty" --json
	[ "$status" = 1 ]
	[[ $output == *"$BATS_TEST_TMPDIR/empty"* ]]
	run coroner list --procfs="$BATS_TEST_TMPDIR/missing" --json
	[ "$status" = 1 ]
	[[ $output == *missing* ]]
}

@test "a PID that is none, with --json: a message, status 1, and an object with the cases that are" {
	local command
	zoo sigchld-default
	for command in explain signals reaper headroom; do
		run --separate-stderr coroner "$command" --json 4194301
		[ "$status" = 1 ]
		[[ $stderr == *"there is no process 4194301"* ]]
		JSON=$output ERRORS=$stderr
		valid "$command"
		expect '.cases == []'
		run --separate-stderr coroner "$command" --json 4194301 "$(zoo_get .parent)"
		[ "$status" = 1 ]
		[[ $stderr == *"there is no process 4194301"* ]]
		JSON=$output ERRORS=$stderr
		valid "$command"
		expect '.cases | map((.process // .subject).pid) == [$zoo.parent]'
	done
	# these have one answer, or none but why
	for command in tree probe; do
		run --separate-stderr coroner "$command" --json 4194301
		[ "$status" = 1 ]
		JSON=$output ERRORS=$stderr
		valid "$command"
		expect '.notes | any(contains("no process 4194301"))'
		[[ $stderr == *"no process 4194301"* ]]
	done
}

@test "a scope that holds nothing, with --json: a message, status 1, and no table" {
	local command
	for command in list namespaces headroom reaper orphans tree; do
		run --separate-stderr coroner "$command" --json --container=ffffffffffffffff
		echo "$command: $status $output / $stderr"
		[ "$status" = 1 ]
		[[ $stderr == *ffffffffffffffff* ]]
	done
}

@test "the reason of a failure stands on standard output too, in the form asked for" {
	local command
	for command in list orphans namespaces headroom reaper tree 'explain 1' 'signals 1' 'reap 1 --dry-run' \
		'nudge 1' probe; do
		# shellcheck disable=SC2086
		run --separate-stderr coroner $command --json --procfs=/nonexistent
		echo "$command: $status $output / $stderr"
		[ "$status" = 1 ]
		JSON=$output ERRORS=$stderr
		expect '.schema == "coroner.\($c)/1" and .source == null and .visible_processes == 0' \
			--arg c "${command%% *}"
		expect '.notes | any(contains("cannot open /nonexistent"))'
		valid "${command%% *}"
		[[ $stderr == *"cannot open /nonexistent"* ]]
	done
	for command in list orphans namespaces headroom reaper tree; do
		run --separate-stderr coroner "$command" --json --container=ffffffffffffffff
		JSON=$output ERRORS=$stderr
		expect '.notes | any(contains("ffffffffffffffff"))'
	done
	# and beside what could be answered
	run --separate-stderr coroner headroom --json 4194303 "$$"
	[ "$status" = 1 ]
	JSON=$output ERRORS=$stderr
	expect '(.cases | length == 1) and (.notes | any(. == "there is no process 4194303"))'
	valid headroom
}

@test "bad usage is status 2, on standard error alone" {
	local bad
	for bad in --frobnicate 'nosuchcommand' 'list --settle=' 'list --color=mauve' \
		'-V surplus' '--version -- list' 'list -V surplus' '-v -V 1' 'tree --json --dot' \
		'list surplus' 'headroom --settle=1s' 'signals 1 --settle=0' 'list --settle=-1' 'list --settle=1y' 'list -o nosuchcolumn'; do
		# shellcheck disable=SC2086
		run bash -c '"$0" $1 2>/dev/null' "$CORONER" "$bad"
		[ "$status" = 2 ] || { echo "status $status for: $bad" >&2; return 1; }
		[ -z "$output" ]
		# shellcheck disable=SC2086
		run bash -c '"$0" $1 2>&1 >/dev/null' "$CORONER" "$bad"
		[ -n "$output" ]
	done
}

@test "a number where a command is wanted: explain is what was meant" {
	run coroner 929
	[ "$status" = 2 ]
	[[ $output == *"there is no command '929'; did you mean 'coroner explain 929'?"* ]]
	for word in 9x29 '' -- -1; do
		run coroner "$word"
		[[ $output != *"did you mean"* ]]
	done
}

@test "--help: where to start, and what an experiment does to the system" {
	run coroner --help
	[ "$status" = 0 ]
	[[ ${lines[2]} == *"'coroner'"*"'coroner list'"*"'coroner explain PID'"* ]]
	run coroner probe --help
	[ "$status" = 0 ]
	[[ $output == *"short-lived orphan, which exits with status 0"*"one"*"zombie stays"* ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
	run coroner list --help
	[[ $output != *"short-lived"* ]]
}

@test "DEL and the controls of C1 are escaped in every JSON, and mean what they meant" {
	local format out=$BATS_TEST_TMPDIR/out case parent
	for case in del c1; do
		zoo awkward --case $case
		parent=$(zoo_get .parent)
		for format in list "explain $parent" "signals $parent" tree reaper "reaper $parent" orphans "namespaces" \
			"headroom $parent" "nudge --dry-run --force $parent" check "watch --count=1"; do
			# shellcheck disable=SC2086 # words
			coroner --json $format >"$out" || [ $? -le 3 ]
			refute env LC_ALL=C grep -qP '\x7f|\xc2[\x80-\x9f]' "$out"
			iconv -f UTF-8 -t UTF-8 <"$out" >/dev/null
			jq . "$out" >/dev/null
		done
		coroner list --json >"$out"
		[ "$(jq -rj ".parents[] | select(.process.pid == $parent).process.comm" "$out" | od -An -tx1 | tr -d ' \n')" = \
			"$(zoo_get .comm_hex)" ]
	done
	grep -qF '\u0085' "$out"
}

@test "a locale whose decimal point has two bytes changes no number" {
	needs localedef
	localedef -c -i ps_AF -f UTF-8 "$BATS_TEST_TMPDIR/ps_AF.UTF-8" 2>/dev/null || true
	export LOCPATH=$BATS_TEST_TMPDIR
	# this locale does it, to whoever asks
	LC_ALL=ps_AF.UTF-8 printf '%.1f' 0 | refute grep -qF .
	zoo sigchld-default
	LC_ALL=ps_AF.UTF-8 json list
	expect 'parent | .process.age_s | type == "number"'
	LC_ALL=ps_AF.UTF-8 coroner metrics >"$BATS_TEST_TMPDIR/out"
	LC_ALL=C refute grep -qP '[^\x00-\x7f]' "$BATS_TEST_TMPDIR/out"
	LC_ALL=ps_AF.UTF-8 coroner check -w oldest_zombie=1000000 >"$BATS_TEST_TMPDIR/out"
	LC_ALL=C refute grep -qP '\d[^\x00-\x7f]\d' "$BATS_TEST_TMPDIR/out"
}

@test "the schema is closed: a field that it does not name fails, in whichever object it is" {
	local command file=$BATS_TEST_TMPDIR/answer answers=()
	zoo sigchld-default --newpidns 1
	for command in list namespaces reaper orphans headroom check tree "explain $(zoo_get .parent)" \
		"signals $(zoo_get .parent)" "reaper $(zoo_get .parent)" "nudge --dry-run $(zoo_get .parent)" \
		"reap --own --dry-run $(zoo_get .parent)"; do
		# shellcheck disable=SC2086
		coroner $command --json >"$file-${#answers[@]}" || [[ $command == check || $command == reap* ]]
		answers+=("${command%% *}" "$file-${#answers[@]}")
	done
	validate --closed "${answers[@]}"
}
