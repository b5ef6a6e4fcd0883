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
