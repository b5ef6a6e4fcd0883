#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is mistyped, cut short or asked for in words.

load lib

@test "coroner help and coroner version are --help and --version in words" {
	[ "$("$CORONER" help)" = "$("$CORONER" --help)" ]
	[ "$("$CORONER" help explain)" = "$("$CORONER" explain --help)" ]
	[ "$("$CORONER" help help)" = "$("$CORONER" --help)" ]
	[ "$("$CORONER" version)" = "$("$CORONER" --version)" ]
	[ "$("$CORONER" version -v)" = "$("$CORONER" --version -v)" ]
	run "$CORONER" help explian
	[ "$status" -eq 2 ]
	[[ $output == *"there is no command 'explian'; did you mean 'explain'?"* ]]
	# a program is what is explained
	run "$CORONER" postgres
	[ "$status" -eq 2 ]
	[[ $output == *"there is no command 'postgres'; of a program of that name 'coroner explain postgres' tells"* ]]
	run "$CORONER" verson
	[ "$status" -eq 2 ]
	[[ $output == *"did you mean 'version'?"* ]]
}

@test "an option that is mistyped is answered with the nearest" {
	local typed meant
	while read -r typed meant; do
		# shellcheck disable=SC2086 # words
		run "$CORONER" ${typed/,/ }
		echo "$typed: $output"
		[ "$status" -eq 2 ]
		[[ $output == *"did you mean '$meant'?"* ]]
	done <<-'END'
		--setle=1s --settle
		--jsn --json
		nudge,--forse --force
		--procfss=/proc --procfs
		explain,--container-id=x --container
	END
	# nothing is near
	run "$CORONER" --qwertyuiop
	[ "$status" -eq 2 ]
	[[ $output != *"did you mean"* ]]
}

@test "options of a command's own may stand before it, with their values" {
	local words
	for words in '-c 1 watch' '-n 1h -c 1 watch' '--interval 1h --settle 1ms -c1 watch'; do
		# shellcheck disable=SC2086 # words
		run "$CORONER" --json $words
		echo "$words: $output"
		[ "$status" -eq 0 ]
		[[ $output == *'"coroner.watch/1"'* ]]
	done
	run "$CORONER" -w zombies=0:999999 --only zombies check
	[[ $output == "CORONER OK"* ]]
	# whose statuses hold for what is wrong with them, too
	run "$CORONER" -c 3 check
	[ "$status" -eq 3 ]
	[[ $output == *"'3'"* ]]
	# a number or a word behind what is nobody's option is no process, program or command
	for words in '-c 3' '-c 3 watsh' '-x 3 watch' '-c banana' '-c 3 -- watch' '-x help'; do
		# shellcheck disable=SC2086 # words
		run "$CORONER" $words
		echo "$words: $output"
		[ "$status" -eq 2 ]
		[[ ${lines[0]} == "coroner: there is no option '${words:0:2}'" ]]
		[[ $output != *"did you mean"* ]]
	done
	[ "$("$CORONER" --events help watch)" = "$("$CORONER" help watch)" ]
}

@test "no part of an option is taken for the whole" {
	local words
	for words in '--pid=1 list' '--pid 1 list' '--set=1s' '--zomb' '--js' 'list --zom' 'check --onl zombies' '--he' '--vers'; do
		# shellcheck disable=SC2086 # words
		run "$CORONER" $words
		echo "$words: $output"
		[ "$status" -eq 2 ] || [[ $words == check* && $status -eq 3 ]]
		[[ $output == *"there is no option '--"*"did you mean '--"* ]]
	done
	# whole ones are, in each form
	"$CORONER" --settle=1ms list --json >/dev/null
	"$CORONER" --settle 1ms --zombies >/dev/null
	"$CORONER" list --pid-ns "$(stat -Lc %i /proc/self/ns/pid)" --json --settle 1ms >/dev/null
}

@test "an option that is there is told what it lacks, or has too much" {
	local words said
	while IFS='|' read -r words said; do
		# shellcheck disable=SC2086 # words
		run "$CORONER" $words
		echo "$words: $output"
		[ "$status" -eq 2 ]
		[ "${lines[0]}" = "coroner: $said" ]
	done <<-'END'
		--settle|the option '--settle' wants a value
		list -o|the option '-o' wants a value
		list -zo|the option '-o' wants a value
		list --output|the option '--output' wants a value
		--json=1|the option '--json' takes no value
		list --zombies=1|the option '--zombies' takes no value
		-y|there is no option '-y'
		list -zy|there is no option '-y'
	END
}

@test "a column that is mistyped is answered with the nearest" {
	run "$CORONER" list -o pid,zombis
	[ "$status" -eq 2 ]
	[[ $output == *"there is no column 'zombis'; did you mean 'zombies'? There are: pid,"* ]]
	run "$CORONER" list -o qqqqqqqq
	[[ $output == *"there is no column 'qqqqqqqq'. There are: pid,"* ]]
}

@test "--quiet keeps the notes from standard error, not from JSON, and no error" {
	needs_root
	zoo sigchld-default
	local user=(setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set=-all --inh-caps=-all)
	"${user[@]}" "$CORONER" list >"$BATS_TEST_TMPDIR/loud" 2>"$BATS_TEST_TMPDIR/notes"
	grep -q "CAP_SYS_PTRACE is missing" "$BATS_TEST_TMPDIR/notes"
	local option
	for option in -q --quiet; do
		"${user[@]}" "$CORONER" list "$option" 2>&1 >/dev/null | grep . && return 1
		"${user[@]}" "$CORONER" "$option" list -o pid,doing 2>"$BATS_TEST_TMPDIR/notes" |
			grep -qE "^ *$(zoo_get .parent) \?$"
		[ ! -s "$BATS_TEST_TMPDIR/notes" ]
	done
	JSON=$("${user[@]}" "$CORONER" --quiet --json 2>"$BATS_TEST_TMPDIR/notes")
	expect '.notes | any(test("CAP_SYS_PTRACE is missing"))'
	[ ! -s "$BATS_TEST_TMPDIR/notes" ]
	run "$CORONER" --quiet explain 4194304
	[ "$status" -eq 1 ]
	[[ $output == *"there is no process 4194304"* ]]
}
