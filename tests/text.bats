#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What people read: width, grouping, totals, columns, colours; and names that would drive the
# terminal if they reached it.

load lib

setup() {
	OUT=$BATS_TEST_TMPDIR/out
	unset COLUMNS NO_COLOR CLICOLOR_FORCE
	export TERM=xterm LC_ALL=C.UTF-8
}

width() {
	LC_ALL=C.UTF-8 wc -L <"$1"
}

# The row of a parent or zombie: the line that has its PID as a word of its own.
row() {
	grep -w -- "$1" "$OUT"
}

@test "on a pipe it is 80 columns wide at most, whatever the names" {
	local case
	for case in $("$ZOO/awkward" --list); do
		zoo awkward --case "$case" --count 2
	done
	zoo sigchld-default --count 3 --newpidns 2
	zoo waits --how waitpid --newpidns 2
	coroner list >"$OUT"
	[ "$(width "$OUT")" -le 80 ]
	coroner list -z >"$OUT"
	[ "$(width "$OUT")" -le 80 ]
	coroner namespaces >"$OUT"
	[ "$(width "$OUT")" -le 80 ]
}

@test "COLUMNS changes nothing: no pipe is wider for it, nor narrower" {
	local columns
	zoo sigchld-default --count 2
	coroner list -o pid,command,why >"$OUT.plain"
	[ "$(width "$OUT.plain")" -gt 20 ]
	for columns in 200 20 nonsense; do
		COLUMNS=$columns coroner list -o pid,command,why >"$OUT"
		row "$(zoo_get .parent)"
		cmp "$OUT" "$OUT.plain"
	done
}

@test "a parent's row: PID, command, state, zombies, SIGCHLD, SigCgt, verdict" {
	zoo sigchld-caught --how nothing --count 3
	coroner list >"$OUT"
	row "$(zoo_get .parent)" | grep -w sigchld-caught
	row "$(zoo_get .parent)" | grep -w 3
	row "$(zoo_get .parent)" | grep -w caught
	row "$(zoo_get .parent)" | grep -w S
}

@test "PIDs here and inside" {
	zoo sigchld-default --count 1 --newpidns 1
	coroner list >"$OUT"
	row "$(zoo_get .parent)" | grep -w "$(awk '/^NSpid/ { print $NF }' "/proc/$(zoo_get .parent)/status")"
}

@test "headings come first, and --no-headings leaves them out" {
	zoo sigchld-default
	coroner list >"$OUT"
	head -n 1 "$OUT" | grep -qw PID
	coroner list --no-headings >"$OUT"
	refute grep -qw PID "$OUT"
	row "$(zoo_get .parent)"
}

@test "the last line is the totals" {
	zoo sigchld-default --count 4 --newpidns 1
	coroner list --pid-ns="$(zoo_get .parent)" >"$OUT"
	tail -n 1 "$OUT" | grep -E '^4 zombies under 1 parent'
	coroner list -z --pid-ns="$(zoo_get .parent)" >"$OUT"
	tail -n 1 "$OUT" | grep -E '^4 zombies under 1 parent'
	[ "$(wc -l <"$OUT")" -ge 6 ]
}

@test "alike zombies are grouped: comm ×N" {
	zoo sigchld-default --count 903
	coroner list >"$OUT"
	grep -F 'sigchld-default ×903' "$OUT"
	LC_ALL=C coroner list >"$OUT"
	grep -F 'sigchld-default x903' "$OUT"
	refute env LC_ALL=C grep -qP '[^\x00-\x7f]' "$OUT"
}

@test "-z: one row per zombie, with its PID, how it ended and its parent" {
	local pid
	mkdir "$BATS_TEST_TMPDIR/cores"
	zoo exits --cores "$BATS_TEST_TMPDIR/cores"
	coroner list -z >"$OUT"
	for pid in $(zoo_get '.zombies[]'); do
		[ "$(row "$pid" | wc -l)" = 1 ]
		row "$pid" | grep -qw "$(zoo_get .parent)"
	done
	row "$(zoo_get '.zombies[4]')" | grep -w 255
	row "$(zoo_get '.zombies[7]')" | grep -w SIGKILL
	coroner list --zombies >"$OUT"
	row "$(zoo_get '.zombies[4]')" | grep -w 255
	row "$(zoo_get '.zombies[7]')" | grep -w SIGKILL
}

@test "-o picks the columns, in that order" {
	zoo sigchld-default --count 2
	coroner list -o pid,zombies,verdict >"$OUT"
	row "$(zoo_get .parent)" | grep -E "^ *$(zoo_get .parent) +2 +sigchld-default"
	coroner list -o verdict,pid --no-headings >"$OUT"
	row "$(zoo_get .parent)" | grep -E "^sigchld-default[?]? +$(zoo_get .parent)"
}

@test "-o with a column that is none names it and those that are" {
	run coroner list -o pid,tarot
	[ "$status" = 2 ]
	[[ $output == *tarot* && $output == *verdict* ]]
	run coroner list -o ''
	[ "$status" = 2 ]
}

@test "the verdict in text is that of JSON, also for many and mixed zombies" {
	local program
	for program in "clone-child --count 60 --plain 59" "clone-child --count 59 --plain 60" \
		"clone-child --count 5 --plain 300" "threads-alive --count 20 --plain 19"; do
		# shellcheck disable=SC2086
		zoo $program
		json list
		coroner list -o pid,verdict >"$OUT"
		row "$(zoo_get .parent)" | grep -qw -- "$(value 'parent | .verdict.code')"
	done
}

@test "no colour on a pipe; --color=always has it, NO_COLOR and TERM=dumb do not matter then" {
	zoo sigchld-default
	coroner list >"$OUT"
	refute grep -q $'\033' "$OUT"
	coroner list --color=always >"$OUT"
	grep -q $'\033\[' "$OUT"
	NO_COLOR=1 coroner list --color=always >"$OUT"
	grep -q $'\033\[' "$OUT"
	TERM=dumb coroner list --color=always >"$OUT"
	grep -q $'\033\[' "$OUT"
	coroner list --color=never >"$OUT"
	refute grep -q $'\033' "$OUT"
}

@test "each colour has a contrast of 4 or more against black and against white" {
	zoo sigchld-default --count 2
	zoo unfit-init --count 1
	zoo threads-alive
	{
		coroner list --color=always
		coroner tree --color=always
		coroner explain --color=always "$(zoo_get .parent)"
	} >"$OUT"
	# the colours of a terminal's own 16 are whatever it likes
	refute grep -qE $'\033\\[([0-9];)?(3[0-7]|4[0-7]|9[0-7])m' "$OUT"
	grep -oE $'\033\\[38;5;[0-9]+m' "$OUT" | tr -dc '0-9;\n' | cut -d ';' -f 3 | sort -u >"$OUT.colours"
	[ "$(wc -l <"$OUT.colours")" -ge 3 ]
	# xterm's cube of 6 x 6 x 6; relative luminance and contrast as in WCAG 2.1
	awk 'function part(i,    v) { v = (i ? 55 + 40 * i : 0) / 255
			return v <= 0.03928 ? v / 12.92 : exp(2.4 * log((v + 0.055) / 1.055)) }
		{ n = $1 - 16
			l = 0.2126 * part(int(n / 36)) + 0.7152 * part(int(n / 6) % 6) + 0.0722 * part(n % 6)
			if ($1 < 16 || $1 > 231 || (l + 0.05) / 0.05 < 4 || 1.05 / (l + 0.05) < 4) { print; bad = 1 } }
		END { exit bad }' "$OUT.colours"
}

@test "on a terminal: colour, its width; NO_COLOR and TERM=dumb take the colour away" {
	needs script
	zoo sigchld-default --count 3 --newpidns 1
	terminal >"$OUT"
	grep -q $'\033\[' "$OUT"
	NO_COLOR=1 terminal >"$OUT"
	refute grep -q $'\033\[' "$OUT"
	TERM=dumb terminal >"$OUT"
	refute grep -q $'\033\[' "$OUT"
	NO_COLOR='' terminal >"$OUT"
	grep -q $'\033\[' "$OUT"
}

terminal() {
	script -qec "stty cols 60; exec $CORONER list --pid-ns=$(zoo_get .parent) 2>/dev/null" /dev/null </dev/null
}

@test "on a terminal of 60 columns no line is longer" {
	needs script
	zoo sigchld-default --count 3 --newpidns 1
	NO_COLOR=1 terminal | tr -d '\r' >"$OUT"
	[ "$(width "$OUT")" -le 60 ]
	row "$(zoo_get .parent)"
}

@test "a note is one line for programs, and is broken at blanks where a terminal ends" {
	needs script
	local poor="setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set=-all --inh-caps=-all"
	$poor "$CORONER" list >/dev/null 2>"$OUT"
	refute grep -v '^coroner: ' "$OUT"
	[ "$(width "$OUT")" -gt 100 ]
	script -qec "stty cols 60; exec $poor $CORONER list >/dev/null" /dev/null </dev/null | tr -d '\r' >"$OUT.terminal"
	[ "$(width "$OUT.terminal")" -le 60 ]
	# the same words
	diff <(tr -s ' ' '\n' <"$OUT") <(tr -s ' \n' '\n' <"$OUT.terminal")
}

# -- names that would drive the terminal --

@test "no byte of an awkward name reaches the terminal raw, in any view and locale" {
	local case locale view
	for case in $("$ZOO/awkward" --list); do
		zoo awkward --case "$case"
	done
	for locale in C.UTF-8 C POSIX; do
		for view in list "list -z" namespaces "list --color=always -z"; do
			# shellcheck disable=SC2086
			LC_ALL=$locale coroner $view >"$OUT"
			# our own colours apart
			sed -i 's/\x1b\[[0-9;]*m//g' "$OUT"
			no_control_bytes "$OUT" || {
				echo "in view: $view, locale $locale" >&2
				cat -v "$OUT" >&2
				return 1
			}
			[ $locale = C.UTF-8 ] || refute env LC_ALL=C grep -qP '[\x80-\xff]' "$OUT"
		done
	done
}

@test "nor in any other command's words about it" {
	local case view
	for case in $("$ZOO/awkward" --list); do
		zoo awkward --case "$case"
		for view in explain signals reaper headroom; do
			coroner "$view" "$(zoo_get .parent)" "$(zoo_get '.zombies[0]')" >"$OUT" 2>&1
			no_control_bytes "$OUT" || {
				echo "in view: $view, case $case" >&2
				cat -v "$OUT" >&2
				return 1
			}
		done
	done
	for view in reaper orphans headroom "check --format=nagios" metrics; do
		# shellcheck disable=SC2086
		coroner $view >"$OUT" 2>&1 || [ $? -le 3 ]
		[ -s "$OUT" ]
		no_control_bytes "$OUT" || {
			echo "in view: $view" >&2
			cat -v "$OUT" >&2
			return 1
		}
	done
}

@test "an awkward name breaks no row: as many lines as without it" {
	local case
	for case in $("$ZOO/awkward" --list); do
		zoo awkward --case "$case"
		coroner list -z --no-headings >"$OUT"
		[ "$(row "$(zoo_get '.zombies[0]')" | wc -l)" = 1 ]
	done
}

# named CASE FILTER: what JSON says of comm holds; $comm is its true bytes and an x, which keeps
# the shell from cutting a newline at the end.
named() {
	local hex
	zoo awkward --case "$1"
	json list
	hex=$(zoo_get .comm_hex)
	expect "parent | .process.comm as \$c | .zombies[0].comm as \$z | $2" \
		--arg comm "$(printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")"; echo x)"
	zoo_end
}

@test "JSON holds the true comm where it is valid UTF-8" {
	local case
	for case in spaces parens paren-end newline escape empty bidi c1 unicode quote percent; do
		named "$case" '($c + "x") == $comm and $z == $c'
	done
}

@test "JSON shows U+FFFD where comm is no UTF-8, and each awkward parent is found" {
	named ff '$c == ("\ufffd" * 15) and $z == $c'
	named invalid '($c | startswith("a\ufffd\ufffd\ufffd(")) and ($c | endswith("z"))'
	named cut '($c | startswith("12345678901234")) and ($c | endswith("\ufffd"))'
}

@test "JSON holds the true command line" {
	local case argument
	for case in spaces parens newline escape bidi c1 unicode quote percent; do
		zoo awkward --case "$case"
		json list
		argument=$(printf '%b' "$(zoo_get .arg_hex | sed 's/../\\x&/g')"; echo x)
		expect 'parent | (.process.cmdline[0] + "x") == $argument and
			.process.cmdline[1:3] == ["--case", $case]' \
			--arg argument "$argument" --arg case "$case"
		zoo_end
	done
}

@test "what is not seen is written out, and a run of combining marks is cut" {
	zoo awkward --case invisible
	coroner explain "$(zoo_get .parent)" >"$OUT"
	coroner list -o pid,command >>"$OUT"
	refute grep -qP '[\x{34f}\x{115f}\x{1160}\x{180e}\x{2028}\x{2800}\x{3164}\x{fdd0}\x{fe0f}\x{feff}\x{ffa0}\x{e0041}\x{e0100}]' "$OUT"
	row "$(zoo_get .parent)" | grep -F 'a\xe3\x85\xa4b\xe1\xa0\x8ec\xcd\x8f'
	grep -qP '\x{263a}' "$OUT"
	zoo awkward --case marks
	coroner explain "$(zoo_get .parent)" >"$OUT"
	coroner list -o pid,command >>"$OUT"
	row "$(zoo_get .parent)" | grep -P 'Z\x{301}{4}\x{2026}( |$)'
	refute grep -qP '[\x{300}-\x{36f}]{5}' "$OUT"
	# two on one letter are a language's; one on nothing would be drawn over what is before it
	grep -qP '\\xcc\\x81over u\x{308}\x{301} ' "$OUT"
}
