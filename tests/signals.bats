#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner signals: what it says of the masks, and that what it predicts is what happens.
# Longer than 400 lines: one file a command, and each rule is predicted, then tried.

load lib

# Waits until it can be told what a signal did to the zoo's target, and tells it by the words of
# the JSON. SIGRTMAX was sent behind it: once that has come through, so has the signal.
outcome() {
	local how=$1 number=$2 pid state pending key value ponged=0 log=$BATS_TEST_TMPDIR/log deadline=$((SECONDS + 20))
	pid=$(zoo_get .target)
	while ((SECONDS < deadline)); do
		# before the status is read: what came before it is in there then
		! grep -q pong "$log" || ponged=1
		state='' pending=0
		while read -r key value _; do
			case $key in
			State:) state=$value ;;
			SigPnd: | ShdPnd:) pending=$((pending | 0x$value >> (number - 1) & 1)) ;;
			esac
		done 2>/dev/null <"/proc/$pid/status" || true
		if [[ $state == [ZX] || -z $state ]]; then
			echo dies
			return
		elif ((ponged)); then
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
		nap 0.01
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

# predict SIGNAL EFFECT CERTAINTY: what the last answer says of it, sent from here.
predict() {
	expect '.cases[0].effects[$signal] | (.ancestor // .own) |
		.effect == $effect and .certainty == $certainty' \
		--arg signal "$1" --arg effect "$2" --arg certainty "$3" || {
		value ".cases[0].effects.$1" >&2
		return 1
	}
}

state_of() {
	awk '/^State:/ { print $2 }' "/proc/$1/status"
}

# dead PID: waits until it is.
dead() {
	timeout 20 sh -c "until grep -q '^State:.Z' /proc/$1/status 2>/dev/null || [ ! -e /proc/$1 ]
		do sleep 0.01; done"
}

# kept PID SIGNAL: sends it. kill(2) itself wakes whom the signal gets to, so state D behind it shows
# that it got to nobody; and it is pending.
kept() {
	local number pending
	number=$(kill -l "$2")
	kill -s "$2" "$1" # started by the zoo
	[ "$(state_of "$1")" = D ]
	pending=$(awk '/^(ShdPnd|SigPnd):/ { print $2 }' "/proc/$1/status" |
		while read -r mask; do echo $((0x$mask >> (number - 1) & 1)); done | sort -u | tail -n 1)
	[ "$pending" = 1 ]
}

@test "a wait for a vfork child: what ends the process ends that, all else waits" {
	local pid signal
	for signal in TERM USR1 RTMAX KILL; do
		zoo parent-uninterruptible
		pid=$(zoo_get .parent)
		json signals --all "$pid"
		predict "SIG$signal" dies proven
		kill -s "$signal" "$pid" # started by the zoo
		dead "$pid"
		zoo_end
	done
	zoo parent-uninterruptible --catch 15
	pid=$(zoo_get .parent)
	json signals --all "$pid"
	expect '.cases[0].fatal_pending == null'
	predict SIGTERM pending proven
	predict SIGSTOP pending proven
	predict SIGQUIT pending proven
	kept "$pid" TERM
	kept "$pid" QUIT
	# the handler's signal keeps others from getting through, but not SIGKILL; and SIGQUIT is to come
	json signals --all "$pid"
	expect '.cases[0].fatal_pending == "SIGQUIT"'
	predict SIGUSR1 pending proven
	predict SIGKILL dies proven
	kept "$pid" USR1
	kill -KILL "$pid" # started by the zoo
	dead "$pid"
}

@test "a second thread's wait for a vfork child" {
	local pid
	zoo parent-uninterruptible --thread
	pid=$(zoo_get .parent)
	timeout 10 sh -c "until grep -q 'State:.D' /proc/$pid/task/*/status; do sleep 0.01; done"
	json signals --all "$pid"
	predict SIGTERM dies proven
	kill -TERM "$pid" # started by the zoo
	dead "$pid"
}

@test "the v1 freezer: every signal waits, SIGKILL too, and a fatal one then ends it" {
	local pid signal freezer=/sys/fs/cgroup/freezer
	[ -d "$freezer" ] || skip "needs the v1 freezer at $freezer"
	needs_root
	for signal in KILL TERM QUIT; do
		zoo parent-frozen --v1 "$freezer"
		pid=$(zoo_get .parent)
		json signals --all "$pid"
		expect '.cases[0].fatal_pending == null'
		predict "SIG$signal" pending proven
		kept "$pid" "$signal"
		json signals "$pid"
		expect '.cases[0].fatal_pending == $signal' --arg signal "SIG$signal"
		echo THAWED >"$freezer/$(zoo_get .cgroup)/freezer.state"
		dead "$pid"
		zoo_end
	done
}

@test "cgroup.freeze of v2: what ends the process ends it, all else waits until it is thawed" {
	local pid signal V2=/sys/fs/cgroup
	[ -e "$V2/cgroup.procs" ] || V2=/sys/fs/cgroup/unified # its freezer needs no controller
	[ -e "$V2/cgroup.procs" ] || skip "needs cgroup v2 at /sys/fs/cgroup or unified below it"
	needs_root
	for signal in KILL TERM RTMAX; do
		zoo parent-frozen --v2 "$V2"
		pid=$(zoo_get .parent)
		json signals --all "$pid"
		predict "SIG$signal" dies proven
		kill -s "$signal" "$pid" # started by the zoo
		dead "$pid"
		[ "$(<"$V2/$(zoo_get .cgroup)/cgroup.freeze")" = 1 ]
		zoo_end
	done
	zoo parent-frozen --v2 "$V2"
	pid=$(zoo_get .parent)
	json signals --all "$pid"
	predict SIGQUIT pending proven
	kill -QUIT "$pid" # started by the zoo
	# it wakes up for it, and goes back
	timeout 20 sh -c "until grep -q 'frozen 1' '$V2/$(zoo_get .cgroup)/cgroup.events'; do sleep 0.01; done"
	json signals "$pid"
	expect '.cases[0].fatal_pending == "SIGQUIT"'
	echo 0 >"$V2/$(zoo_get .cgroup)/cgroup.freeze"
	dead "$pid"
}

@test "stopped: a fatal signal that is pending ends it as soon as it runs" {
	local pid
	zoo parent-stopped
	pid=$(zoo_get .parent)
	json signals --all "$pid"
	expect '.cases[0].fatal_pending == null'
	predict SIGCONT continues proven
	predict SIGTERM pending proven
	kill -s CHLD "$pid" # started by the zoo, as below
	kill -s TSTP "$pid"
	json signals --all "$pid"
	expect '.cases[0].fatal_pending == null'
	kill -s TERM "$pid"
	json signals --all "$pid"
	expect '.cases[0].fatal_pending == "SIGTERM"'
	valid signals
	predict SIGCONT dies proven
	run coroner signals "$pid"
	[[ $output == *"SIGTERM is pending and has no handler: it ends as soon as it runs again."* ]]
	kill -s CONT "$pid"
	dead "$pid"
}

@test "stopped: what is blocked or handled is no fatal signal" {
	local how
	for how in blocked handler; do
		zoo signal-target --plain --how "$how" --log /dev/null
		kill -STOP "$(zoo_get .target)" # started by the zoo, as below
		timeout 10 sh -c "until grep -q 'State:.T' /proc/$(zoo_get .target)/status; do sleep 0.01; done"
		kill -TERM "$(zoo_get .target)"
		json signals --all "$(zoo_get .target)"
		expect '.cases[0] | .fatal_pending == null and .effects.SIGCONT.own.effect == "continues"'
		expect '.cases[0].signals.ShdPnd == ["SIGTERM"]'
		zoo_end
	done
}

# forecast SIGNAL EFFECT CERTAINTY WHY: what the last answer says of it, and the rule.
forecast() {
	predict "$1" "$2" "$3"
	expect '.cases[0].effects[$signal].own.why | test($why)' --arg signal "$1" --arg why "$4"
}

# dropped PID SIGNAL: sends it, and nothing comes of it: it is pending nowhere, and the state stays.
dropped() {
	local state
	state=$(state_of "$1")
	kill -s "$2" "$1" # started by the zoo
	[ "$(awk '/^(ShdPnd|SigPnd):/ { print $2 }' "/proc/$1/status" | sort -u)" = 0000000000000000 ]
	[ "$(state_of "$1")" = "$state" ]
}

@test "a core dump that hangs: only SIGKILL counts" {
	local pid source options
	needs_root
	for options in "" --threads; do
		# shellcheck disable=SC2086
		zoo coredumping --dir "$BATS_TEST_TMPDIR" $options
		pid=$(zoo_get .parent)
		for source in $(sources); do
			json signals --all --source="$source" "$pid"
			forecast SIGTERM nothing proven CoreDumping
			forecast SIGSTOP nothing proven CoreDumping
			forecast SIGCONT nothing proven CoreDumping
			forecast SIGKILL dies likely "SIGKILL breaks that off"
			expect '.cases[0].fatal_pending == null'
		done
		dropped "$pid" TERM
		dropped "$pid" STOP
		dropped "$pid" USR1
		# its disk has the request: SIGKILL is kept until that answers or goes
		kill -KILL "$pid"
		for source in $(sources); do
			json signals --source="$source" "$pid"
			forecast SIGKILL nothing proven "SIGKILL is pending already"
			forecast SIGTERM nothing proven "SIGKILL is pending already"
		done
		kill -KILL "$(zoo_get .disk)"
		dead "$pid"
		zoo_end
	done
}

# forecast_exactly: the same of every source that can know; from /proc it is likely, or the same.
forecast_exactly() {
	if [ "$5" = bpf ]; then
		forecast "$1" "$2" "$3" "$4"
	else
		expect '.cases[0].effects[$signal].own | .effect == "unknown" or .effect == $effect' \
			--arg signal "$1" --arg effect "$2"
	fi
}

@test "held by a tracer on its way out: nothing reaches it, SIGKILL neither" {
	local pid source how
	for how in exit exit0 killed; do
		zoo exit-stop --how "$how"
		pid=$(zoo_get .tracee)
		for source in $(sources); do
			json signals --source="$source" "$pid"
			forecast_exactly SIGKILL nothing proven "ending already, and its tracer holds it" "$source"
			forecast_exactly SIGTERM nothing proven "ending already, and its tracer holds it" "$source"
			forecast_exactly SIGSTOP nothing proven "ending already" "$source"
		done
		dropped "$pid" TERM
		dropped "$pid" KILL
		kill -KILL "$(zoo_get .tracer)"
		dead "$pid"
		zoo_end
	done
	# an exit status is left to see in /proc, too
	zoo exit-stop --how exit
	json signals --source=procfs "$(zoo_get .tracee)"
	forecast SIGKILL nothing proven "ending already, and its tracer holds it"
	zoo exit-stop --how exit0
	json signals --source=procfs "$(zoo_get .tracee)"
	forecast SIGKILL unknown likely "may hold it on its way out"
	forecast SIGTERM unknown likely "may hold it on its way out"
}

@test "held by a tracer, and not on its way out: SIGKILL ends it" {
	local pid source how
	for how in call thread; do
		zoo exit-stop --how "$how"
		pid=$(zoo_get .tracee)
		for source in $(sources); do
			json signals --source="$source" "$pid"
			forecast_exactly SIGKILL dies proven "no process can" "$source"
			forecast_exactly SIGTERM tracer proven "a tracer is attached" "$source"
		done
		kill -KILL "$pid"
		zoo_end
	done
}

@test "a tracer holds the main thread alone: another one, which has none, gets what is sent" {
	local source pid signal effect
	for signal in TERM:dies USR1:dies STOP:stops CHLD:nothing; do
		effect=${signal#*:} signal=SIG${signal%:*}
		zoo waits --thread --main held
		pid=$(zoo_get .parent)
		for source in $(sources); do
			json signals --all --source="$source" "$pid"
			forecast "$signal" "$effect" proven .
		done
		kill -s "$signal" "$pid" # started by the zoo
		case $effect in
		dies) dead "$pid" ;;
		stops) await grep -q 'State:.T' "/proc/$pid/task/"*/status ;;
		nothing) refute grep -qE '^(Sig|Shd)Pnd:.*[1-9a-f]' "/proc/$pid/task/"*/status ;;
		esac
		zoo_end
	done
}

@test "SIGKILL is pending already: more of it does nothing" {
	local pid source freezer=/sys/fs/cgroup/freezer
	[ -d "$freezer" ] || skip "needs the v1 freezer at $freezer"
	needs_root
	zoo parent-frozen --v1 "$freezer"
	pid=$(zoo_get .parent)
	kept "$pid" KILL
	for source in $(sources); do
		json signals --source="$source" "$pid"
		forecast SIGKILL nothing proven "SIGKILL is pending already"
		forecast SIGTERM nothing proven "SIGKILL is pending already"
	done
}

@test "what a signal does is not known where the evidence could not be read" {
	local how
	zoo signal-target --how signalfd --log /dev/null
	JSON=$(unprivileged "$CORONER" signals --json "$(zoo_get .target)" 2>/dev/null)
	forecast SIGTERM unknown likely "whether a signalfd of it takes it could not be read"
	# as catatonit, and as tini: with all rights it is taken
	json signals "$(zoo_get .target)"
	forecast SIGTERM taken likely "a signalfd of the process takes it once that is read"
	zoo signal-target --how sigwait --log /dev/null
	JSON=$(unprivileged "$CORONER" signals --json "$(zoo_get .target)" 2>/dev/null)
	forecast SIGTERM unknown likely "may wait for signals, as tini does"
	forecast SIGCHLD unknown likely "may wait for signals, as tini does"
	run unprivileged "$CORONER" signals "$(zoo_get .target)"
	[[ $output == *"SIGTERM not known ["* ]]
}

@test "every signal has its number: a StopSignal may be one" {
	zoo signal-target --how default --log /dev/null
	json signals --all "$(zoo_get .target)"
	expect '.cases[0].effects | [.[].number] | sort == [range(1; 65)]'
	expect '.cases[0].effects."SIGRTMIN+3".number == 37'
	run coroner signals --all "$(zoo_get .target)"
	[[ $output =~ " 37 SIGRTMIN+3 " ]]
	[[ $output =~ "  9 SIGKILL " ]]
}

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
	valid signals
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
	[[ $output == *"FROM ITS OWN PID NAMESPACE FROM AN ANCESTOR PID NAMESPACE"* ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
}

@test "a handler for SIGCHLD is said to be no promise" {
	zoo signal-target --how handler --log /dev/null
	run coroner signals "$(zoo_get .target)"
	[[ $output == *"handler for SIGCHLD does not mean that zombies are reaped"* ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
	zoo signal-target --how default --log /dev/null
	run coroner signals "$(zoo_get .target)"
	[[ $output != *"zombies are reaped"* ]]
}

# bats test_tags=machine
@test "nobody sends from above the initial PID namespace" {
	[ "$(pidns_of $$)" = 4026531836 ] || skip "needs to be in the initial PID namespace"
	json signals "$$"
	expect '[.cases[0].effects[].ancestor] | all(. == null)'
	run coroner signals "$$"
	[[ $output == *"FROM ITS OWN PID NAMESPACE"* ]]
	[[ $output != *"FROM AN ANCESTOR"* ]]
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
