# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# usage: bash load.sh FILE: as load.js, without GO; bash -i reads the same lines from its terminal.
n=0
while :; do
	n=$(((n + 1) % 100))
	(exit $n) &
	wait $!
	status=$?
	if ((status == n)); then echo ok; else echo "wait: $status, not $n"; fi >>"$1"
	sh -c "exit $n"
	status=$?
	if ((status == n)); then echo ok; else echo "$status, not $n"; fi >>"$1"
	text=$(sh -c "echo $n; exit $n")
	status=$?
	if ((status == n)) && [[ $text == "$n" ]]; then echo ok; else echo "\$(): $text $status, not $n"; fi >>"$1"
done
