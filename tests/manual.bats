#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Verdicts, columns and metrics: the man pages name all that there are, and no other. (Commands and options are in
# completions.bats, JSON fields in json.bats.)

load lib

setup() {
	cd "$ROOT" || return 1
	TABLE=$(completions/generate --table "$CORONER")
	grep -q ^value <<<"$TABLE"
}

# values COMMAND PLACEHOLDER: what its --help says one may say there, one a line.
values() {
	awk -F '\t' -v scope="$1" -v name="$2" '$1 == "value" && $2 == scope && $3 == name { print $4 }' <<<"$TABLE"
}

# words: of a list in mdoc, as "Cm pid , nspid ;", one a line.
words() {
	tr ' ' '\n' | grep -E '^[a-z][a-z_]+$'
}

@test "coroner(1) tells every verdict, in the order in which they are tried" {
	[ "$(values list VERDICT | wc -l)" -ge 16 ]
	diff <(values list VERDICT) <(sed -n '/^\.Ss Verdicts/,/^\.Sh /s/^\.It Sy //p' man/coroner.1)
}

@test "coroner(1) names the columns of both tables, and coroner-list(1) tells what each holds" {
	[ "$(values list COLUMN | wc -l)" -ge 30 ]
	diff <(values list COLUMN) \
		<(sed -n '/^Of parents there are/,/^\.It /{s/^\.Cm //p}' man/coroner.1 | words)
	diff <(values list COLUMN | sort -u) <(sed -n 's/^\.It Cm //p' man/coroner-list.1 | words | sort -u)
}

@test "coroner-check(1) has every metric that thresholds are for" {
	[ "$(values check METRIC | wc -l)" -ge 9 ]
	diff <(values check METRIC) <(sed -n 's/^\.It Cm \([a-z_]*\) Ta .*/\1/p' man/coroner-check.1)
}

@test "coroner-metrics(1) has every metric that is written" {
	local written
	written=$(grep -ohE '"coroner_[a-z_]+"' src/show/monitor/*.c | tr -d '"' | sort -u)
	[ "$(wc -l <<<"$written")" -ge 20 ]
	diff <(printf '%s\n' "$written") <(grep -ohE '\bcoroner_[a-z_]+' man/coroner-metrics.1 | sort -u)
	# and what is written here is among them
	coroner metrics >"$BATS_TEST_TMPDIR/metrics"
	[ -z "$(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$BATS_TEST_TMPDIR/metrics" | grep -vxF "$written")" ]
}

# words FILE: of a page as it is printed, one a line, without the head and the foot, which each program makes its own
# way, as the dash behind the name, and without hyphens at the ends of lines.
words_of() {
	sed '1d; $d' "$1" | sed -z 's/\xe2\x80\x90\n *//g; s/\xe2\x80\x94/\xe2\x80\x93/' | tr -s ' \n' '\n'
}

@test "groff and mandoc print the same words of each page, its quotes among them, and commands as a shell takes them" {
	local page at=$BATS_TEST_TMPDIR
	needs groff mandoc
	for page in man/*.[15] deploy/debian/*.1; do
		groff -mandoc -Tutf8 -ww -rLL=300n -P-c "$page" 2>"$at/complaints" | col -bx >"$at/groff"
		mandoc -Tutf8 -O width=300 "$page" | col -bx >"$at/mandoc"
		[ "$(wc -l <"$at/mandoc")" -ge 20 ]
		diff <(words_of "$at/groff") <(words_of "$at/mandoc")
		[ ! -s "$at/complaints" ]
		refute grep -nP '^ +[$#] .*[\x{2010}-\x{201f}]' "$at/groff"
		# both would take it for the sign around an argument
		refute grep -n '^\.Dl .*"' "$page"
	done
}
