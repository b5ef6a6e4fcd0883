#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What may be wrong with the files that coroner reads and the output that it writes: a /proc that is
# not its own, too few descriptors, a pipe that nobody reads. Never half an answer with status 0.

# run sets stderr, expect reads JSON and ERRORS.
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load lib

# -- a /proc that is not that of the own PID namespace --

# answers COMMAND...: it must end with status 0; its JSON in $JSON.
answers() {
	local errors=$BATS_TEST_TMPDIR/errors
	JSON=$("$@" 2>"$errors")
	ERRORS=$(<"$errors")
}

foreign='that is read is not that of coroner'

@test "a stale /proc, as after unshare --pid alone: what it shows is told, from procfs, and said" {
	needs_root
	zoo sigchld-default --count 3
	answers unshare -pf "$CORONER" list --json
	expect '.source == "procfs" and (.notes | any(contains($foreign)))' --arg foreign "$foreign"
	expect 'parent | .zombies | pids == ($zoo.zombies | sort)'
	[[ $ERRORS == *"$foreign"* ]]
	run -1 --separate-stderr unshare -pf "$CORONER" list --source=bpf
	[ -z "$output" ]
	[[ $stderr == *"--source=bpf cannot be used: "*"$foreign"* ]]
	# and what it would take is told as well
	run -0 unshare -pf "$CORONER" --version --verbose
	[[ $output == *"source: procfs, for BPF cannot be used: "*"$foreign"* ]]
}

@test "--procfs at the proc of another PID namespace: its zombies, by its numbers" {
	needs_root
	local target=$BATS_TEST_TMPDIR/proc
	zoo sigchld-default --count 3 --newpidns 1
	mkdir "$target"
	nsenter -t "$(zoo_get '.inits[0]')" -p mount -t proc proc "$target"
	cleanup umount "$target"
	answers "$CORONER" list --json --procfs="$target"
	expect '.source == "procfs" and .zombies == 3 and (.notes | any(contains($foreign)))' \
		--arg foreign "$foreign"
	expect '.parents | length == 1 and .[0].process.pid == 2 and .[0].verdict.code == "sigchld-default"'
	run -1 --separate-stderr coroner list --source=bpf --procfs="$target"
	[ -z "$output" ]
	run -1 --separate-stderr coroner check --procfs="$target" -w zombies=2
	[[ ${lines[0]} == "CORONER WARNING: zombies 3 |"* ]]
}

@test "the proc of a PID namespace that has ended, and no proc at all: a failure, never no zombies" {
	needs_root
	local target=$BATS_TEST_TMPDIR/proc source
	zoo init
	mkdir "$target" "$BATS_TEST_TMPDIR/empty"
	nsenter -t "$(zoo_get .init)" -p mount -t proc proc "$target"
	cleanup umount "$target"
	zoo_end
	for source in auto procfs bpf; do
		run -1 --separate-stderr coroner list --source=$source --procfs="$target"
		[ -z "$output" ]
		[[ $stderr == *"no process below $target"* || $source == bpf ]]
		run -3 --separate-stderr coroner check --source=$source --procfs="$target"
		[[ $output == "CORONER UNKNOWN: could not look"* ]]
		[ -n "$stderr" ]
		# the way of a chroot or a unit with ProcSubset=
		run -1 --separate-stderr unshare -m --propagation private \
			bash -c 'mount --bind "$1" /proc && shift && exec "$@"' - \
			"$BATS_TEST_TMPDIR/empty" "$CORONER" list --source=$source
		[ -z "$output" ]
		[ -n "$stderr" ]
	done
}

# -- too few file descriptors --

# limited N ARGS...: runs coroner with so many descriptors, of which it has all but three to itself;
# in the PID namespace of the zoo, where nobody else is.
limited() {
	nsenter -t "$(zoo_get '.inits[0]')" -p unshare -m --propagation private bash -c '
		mount -t proc proc /proc && exec 3>&- && ulimit -n "$1" && shift && exec "$@"' - \
		"$1" "$CORONER" "${@:2}"
}

# whole_or_told STATUS FILTER ARGS...: with any number of descriptors the JSON is as it should be, or
# the status is that and standard error says why; and both do happen.
whole_or_told() {
	local failed=$1 filter=$2 n told=0 whole=0 status
	shift 2
	for n in {5..13} 20; do
		status=0
		JSON=$(limited "$n" "$@" --json 2>"$BATS_TEST_TMPDIR/errors") || status=$?
		ERRORS=$(<"$BATS_TEST_TMPDIR/errors")
		if ((status == failed)) && [[ $ERRORS == *"oo many open files"* ]]; then
			told=$((told + 1))
			continue
		fi
		whole=$((whole + 1))
		((status != failed)) && expect "$filter" || {
			echo "with $n descriptors, $*: status $status, $ERRORS" >&2
			return 1
		}
	done
	((told > 0 && whole > 0))
}

@test "few file descriptors: every answer is whole, or it is said that it is not" {
	needs_root
	local source
	zoo sigchld-default --newpidns 1 --count 300
	for source in $(sources); do
		whole_or_told 1 '.zombies == 300 and (.parents | length == 1 and .[0].process.pid == 2 and
			(.[0].zombies | length) == 300 and .[0].verdict.code == "sigchld-default")' \
			list --source="$source"
		whole_or_told 1 '.namespaces | length == 1 and .[0].zombies == 300' \
			namespaces --source="$source"
		whole_or_told 1 '.cases[0] | .kind == "parent" and .parent.n_zombies == 300 and
			.verdict.code == "sigchld-default" and .process.cmdline != null' \
			explain --source="$source" 2
		whole_or_told 1 '.cases[0].masks.SigBlk == "0000000000000000"' signals --source="$source" 2
		whole_or_told 1 '.tree | .[0].pid == 1 and .[1].parent == 1 and .[1].zombies == 300' tree --source="$source"
		whole_or_told 1 '[.cases[0].limits[] | select(.kind == "pid_max")][0] | .zombies == 300 and
			.current >= 302 and .headroom > 0' headroom --source="$source" 2
		whole_or_told 1 '.reapers | any(.process.pid == 1 and .kind == "init")' \
			reaper --source="$source"
		whole_or_told 3 '.metrics[] | select(.name == "zombies") | .value == 300' \
			check --source="$source" --settle=0
		whole_or_told 1 '.parents[0] | .before == 300 and .verdict.code == "sigchld-default"' \
			nudge --dry-run --source="$source" 2
	done
}

# -- outputs that take nothing --

# unread ARGS...: runs coroner with a pipe for its output that nobody reads any more, and with the
# signal for that at its default, which kills; its standard error in $output.
unread() {
	local fifo=$BATS_TEST_TMPDIR/unread
	[ -p "$fifo" ] || mkfifo "$fifo"
	run bash -c 'exec 3<>"$1" 4>"$1" 3<&- && shift && exec env --default-signal=PIPE "$@" 2>&1 >&4 4>&-' \
		- "$fifo" timeout 30 "$CORONER" "$@"
}

@test "a pipe that nobody reads any more: a message and status 1, no death by SIGPIPE" {
	local args ns
	zoo sigchld-caught --how one --count 3 --newpidns 1
	ns=$(pidns_of "$(zoo_get .parent)")
	while read -r args; do
		# shellcheck disable=SC2086 # words
		unread $args
		echo "$args: $status: $output"
		[ "$status" = 1 ]
		[[ $output == *"cannot write the output: Broken pipe"* ]]
	done <<-END
		list --pid-ns=$ns
		list --zombies --pid-ns=$ns
		list --json --pid-ns=$ns
		namespaces
		explain $(zoo_get .parent)
		metrics --pid-ns=$ns
		watch --pid-ns=$ns --interval=100ms
		watch --json --pid-ns=$ns --interval=100ms
		watch --events --pid-ns=$ns --interval=100ms
		--help
		--version
	END
	# a check has a status of its own
	unread check --pid-ns="$ns"
	[ "$status" = 3 ]
	[[ $output == *"cannot write the output: Broken pipe"* ]]
}

@test "a full disk under any output: a message, and a status that is no success" {
	local args
	zoo init
	while read -r args; do
		# shellcheck disable=SC2086 # words
		run bash -c '"$@" 2>&1 >/dev/full' - "$CORONER" $args
		echo "$args: $status: $output"
		case $args in
		check*) [ "$status" = 3 ] ;;
		*) [ "$status" = 1 ] ;;
		esac
		[[ $output == *"cannot write the output: No space left on device"* ]]
	done <<-END
		list --pid-ns=$(zoo_get .init)
		check --pid-ns=$(zoo_get .init)
		check --pid-ns=$(zoo_get .init) --format=json
		check --pid-ns=$(zoo_get .init) --format=tap
		check --pid-ns=$(zoo_get .init) --format=junit
		metrics --pid-ns=$(zoo_get .init)
		reaper $(zoo_get .init)
		headroom $(zoo_get .init)
		tree --dot --pid-ns=$(zoo_get .init)
		watch --count=1 --pid-ns=$(zoo_get .init)
		check --help
	END
}

# -- a clock that began after what is looked at --

second_has_passed() {
	[ "$(cut -d. -f1 /proc/uptime)" -gt "$1" ]
}

@test "in a time namespace what started before its clock's zero keeps its start time" {
	needs_root
	local source began
	zoo sigchld-default
	await second_has_passed "$(cut -d. -f1 /proc/uptime)"
	for source in $(sources); do
		json list --source="$source"
		began=$(value 'parent | .process.start_time[:19]')
		JSON=$(unshare --time --boottime "-$(cut -d. -f1 /proc/uptime)" --fork "$CORONER" --json list \
			--source="$source" 2>/dev/null)
		expect 'parent | .verdict.code == "sigchld-default" and .process.age_s > 0'
		expect 'parent | ((.process.start_time[:19] + "Z" | fromdate) - ($began + "Z" | fromdate)) |
			. >= -1 and . <= 1' --arg began "$began"
	done
}
