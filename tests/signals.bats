#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner signals: what it says of the masks, and that what it predicts is what happens.

load lib

# Waits until it can be told what a signal did to the zoo's target, and tells it by the words of
# the JSON. SIGRTMAX was sent behind it: once that has come through, so has the signal.
outcome() {
	local how=$1 number=$2 pid state pending log=$BATS_TEST_TMPDIR/log deadline=$((SECONDS + 20))
	pid=$(zoo_get .target)
	while ((SECONDS < deadline)); do
		state=$(awk '/^State:/ { print $2 }' "/proc/$pid/status" 2>/dev/null) || state=gone
		pending=$(awk '/^(ShdPnd|SigPnd):/ { print $2 }' "/proc/$pid/status" 2>/dev/null |
			while read -r mask; do echo $((0x$mask >> (number - 1) & 1)); done |
			sort -u | tail -n 1)
		if [[ $state == [ZX] || -z $state || $state == gone ]]; then
			echo dies
			return
		elif grep -q pong "$log"; then
			if grep -q "^handled $number$" "$log"; then echo handled
			elif grep -q "^taken $number$" "$log"; then echo taken
			elif [ "$pending" = 1 ]; then echo pending
			else echo nothing; fi
			return
		elif [[ $state == T && $number != 9 ]]; then
			if [ "$pending" = 1 ]; then echo pending
			elif [ "$how" = stopped ]; then echo nothing
			else echo stops; fi
			return
		fi
		sleep 0.01
	done
	echo "nothing can be told: state $state, log $(<"$log")" >&2
	return 1
}

# The number of the zoo's target in its own PID namespace.
inner() {
	awk '/^NSpid:/ { print $NF }' "/proc/$(zoo_get .target)/status"
}

# cell PLACE HOW SIGNAL SENDER: a fresh target, the prediction, the signal, what came of it.
cell() {
	local place=$1 how=$2 signal=$3 sender=$4 predicted happened pid options=()
	[ "$place" = init ] || options=(--plain)
	: >"$BATS_TEST_TMPDIR/log"
	zoo signal-target --how "$how" --log "$BATS_TEST_TMPDIR/log" "${options[@]}"
	pid=$(zoo_get .target)
	json signals "$pid"
	predicted=$(value ".cases[0].effects.SIG$signal.$sender.effect")
	if [ "$sender" = own ]; then
		nsenter --target "$pid" --pid sh -c "kill -s $signal $(inner)"
	else
		kill -s "$signal" "$pid" # our own child's child, started by zoo
	fi
	kill -s RTMAX "$pid" 2>/dev/null || true
	happened=$(outcome "$how" "$(kill -l "$signal")")
	zoo_end
	echo "$place $how SIG$signal from $sender: predicted $predicted, happened $happened"
	[ "$predicted" = "$happened" ]
	tally[$predicted]=1
}

# every PLACE HOW: all five signals from both senders; in the end the effects seen are those named.
every() {
	local signal sender
	declare -A tally=()
	for signal in TERM INT KILL STOP CHLD; do
		for sender in own ancestor; do
			cell "$1" "$2" "$signal" "$sender"
		done
	done
	[ "$(printf '%s\n' "${!tally[@]}" | sort | xargs)" = "$3" ]
}

@test "an init without handlers" { every init default "dies nothing stops"; }
@test "an init with handlers" { every init handler "dies handled nothing stops"; }
@test "an init that ignores" { every init ignored "dies nothing stops"; }
@test "an init that blocks" { every init blocked "dies nothing pending stops"; }
@test "an init with a signalfd" { every init signalfd "dies nothing stops taken"; }
@test "an init in sigwaitinfo, as tini" { every init sigwait "dies nothing stops taken"; }
@test "an init one thread of which has the handlers" { every init thread "dies handled nothing stops"; }
@test "an init whose second thread waits for what the main one does not block" {
	every init late-sigwait "dies nothing stops"
}
@test "a plain process without handlers" { every plain default "dies nothing stops"; }
@test "a plain process with handlers" { every plain handler "dies handled stops"; }
@test "a plain process that ignores" { every plain ignored "dies nothing stops"; }
@test "a plain process that blocks" { every plain blocked "dies pending stops"; }
@test "a plain process with a signalfd" { every plain signalfd "dies stops taken"; }
@test "a plain process in sigwaitinfo" { every plain sigwait "dies stops taken"; }
@test "a plain process that is stopped" { every plain stopped "dies nothing pending"; }

@test "the masks are those of /proc, by name" {
	zoo signal-target --how blocked --log /dev/null
	json signals "$(zoo_get .target)"
	expect '.schema == "coroner.signals/1" and (.cases | length) == 1'
	expect '.cases[0].process | .pid == $zoo.target and .role == "init"'
	expect '.cases[0].masks.SigBlk == $mask' \
		--arg mask "$(awk '/^SigBlk:/ { print $2 }' "/proc/$(zoo_get .target)/status")"
	expect '.cases[0].signals.SigBlk | sort == ["SIGCHLD", "SIGINT", "SIGTERM"]'
	expect '.cases[0].signals.SigCgt == ["SIGRTMAX"]'
	expect '.cases[0].signalfds == []'
	expect '.cases[0].effects | keys | length == 5'
	json signals --all "$(zoo_get .target)"
	expect '.cases[0].effects | keys | length == 64'
	"$TESTS/validate" signals <<<"$JSON"
}

@test "a signalfd is shown with what it takes, and a thread with its own mask" {
	zoo signal-target --how signalfd --log /dev/null
	json signals "$(zoo_get .target)"
	expect '.cases[0].signalfds | length == 1'
	expect '.cases[0].signalfds[0].signals | sort == ["SIGCHLD", "SIGINT", "SIGRTMAX", "SIGTERM"]'
	zoo signal-target --how thread --log /dev/null
	json signals "$(zoo_get .target)"
	expect '.cases[0].threads | [.[].SigBlk == "0000000000000000"] | sort == [false, true]'
	run coroner signals "$(zoo_get .target)"
	[[ $output == *"thread "*" blocks 0000000000000000 none"* ]]
}

@test "a process like tini is explained: nothing caught, nothing blocked, and yet it takes SIGTERM" {
	zoo signal-target --how sigwait --log /dev/null
	json signals "$(zoo_get .target)"
	expect '.cases[0].masks.SigBlk == "0000000000000000"'
	expect '.cases[0].signals.SigCgt | index("SIGTERM") == null'
	expect '.cases[0].threads[0] | .syscall == "rt_sigtimedwait" and (.awaits | index("SIGTERM") != null)'
	expect '.cases[0].effects.SIGTERM.own.effect == "taken"'
	expect '.cases[0].hint | test("tini")'
	run coroner signals "$(zoo_get .target)"
	[[ $output == *"sleeps in rt_sigtimedwait for: all but SIG32 SIG33"* ]]
	[[ $output == *"tini"* ]]
}

@test "text: a table, and the rule below it" {
	zoo signal-target --how default --log /dev/null
	run coroner signals "$(zoo_get .target)"
	[ "$status" = 0 ]
	[[ $output =~ "SIGTERM nothing [1] " ]]
	[[ $output =~ SIGKILL\ nothing\ \[2\]\ +ends\ it\ \[3\] ]]
	[[ $output == *"[1] the init of a PID namespace gets no signal that it has no handler for"* ]]
	[[ $output == *"[3] sent from an ancestor namespace, SIGKILL and SIGSTOP are forced on an init"* ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
}

@test "nobody sends from above the initial PID namespace" {
	[ "$(pidns_of $$)" = 4026531836 ] || skip "needs to be in the initial PID namespace"
	json signals "$$"
	expect '[.cases[0].effects[].ancestor] | all(. == null)'
}

@test "without a right the signalfds and system calls are null, and a note says which right" {
	zoo signal-target --how sigwait --log /dev/null
	JSON=$(unprivileged "$CORONER" signals --json "$(zoo_get .target)" 2>"$BATS_TEST_TMPDIR/errors")
	expect '.cases[0] | .signalfds == null and .threads[0].syscall == null'
	expect '.cases[0].effects.SIGTERM.own | .certainty == "likely"'
	expect '.notes | any(test("CAP_SYS_PTRACE"))'
	grep -q CAP_SYS_PTRACE "$BATS_TEST_TMPDIR/errors"
}

@test "no such process: a message and status 1; the others are told all the same" {
	zoo signal-target --how default --log /dev/null
	run coroner signals 4194304 "$(zoo_get .target)"
	[ "$status" = 1 ]
	[[ $output == *"there is no process 4194304"* ]]
	[[ $output == *"SIGTERM"* ]]
	run coroner signals
	[ "$status" = 2 ]
	run coroner signals twelve
	[ "$status" = 2 ]
}
