#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A zombie that is reaped while coroner looks accuses nobody. CORONER_LOOKS looks from each source:
# `make check-looks` takes a thousand; with a sanitizer, beside which 20 take more than three minutes, five do.

# expect reads JSON.
# shellcheck disable=SC2154,SC2034

load lib

# end_group PID: the process group that a background job of ours leads.
end_group() {
	kill -KILL -- "-$1"
	await refute pgrep -g "$1" -r R,S,D
}

# Parents that reap whatever they start, each in a loop of its own.
reaping_parents() {
	needs perl python3
	setsid bash -c 'while :; do find /usr/share/doc -maxdepth 1 -exec true {} \; ; done' >/dev/null 2>&1 3>&- &
	cleanup end_group "$!"
	setsid perl -e 'while (1) { system("true") }' 3>&- &
	cleanup end_group "$!"
	setsid python3 -c 'while True: import subprocess; subprocess.run(["true"])' 3>&- &
	cleanup end_group "$!"
	zoo storm --workers 2 # last: the others would hold its standard input open
}

@test "no parent that reaps is accused for a zombie that it has reaped since" {
	local source i accused='' looks=${SANITIZE:+5}
	reaping_parents
	for source in $(sources); do
		for ((i = 0; i < ${CORONER_LOOKS:-${looks:-20}}; i++)); do
			json list --source="$source"
			accused+=$(value '.parents[] | select(.verdict.certainty == "proven" and
				.verdict.code != "in-flight") | "\(.process.comm): \(.verdict.why)\n"')
			! coroner list --source="$source" 2>/dev/null |
				grep -E ' (waits-for-other|sigchld-default|unfit-init)$' || accused+=$source
		done
	done
	[ -z "$accused" ] || {
		echo "accused: $accused"
		false
	}
}
