#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner reap on real parents: whose zombies go, how the call that a parent sits in goes on, and who is
# left alone. A zoo parent looks itself whether any of its registers was touched (sits.c).
# Longer than 400 lines: one file a command, and each refusal stands beside what it spares.

load lib
load reap

@test "inside a handler, with a blocked signal pending: both as before" {
	undisturbed futex '. == 0' --in-handler
	undisturbed read '. == 1' --in-handler --altstack
	sits futex --pending
	answer 0 "$parent"
	all_taken
	grep -q '^ShdPnd:.*800$\|^SigPnd:.*800$' "/proc/$parent/status"
	goes_on '. == 0'
}

@test "fifty threads: one of them, whose call goes on by itself" {
	sits epoll_pwait-limit --threads 50
	answer 0 "$parent"
	all_taken
	so '.parents[0] | .thread != $zoo.parent and .interrupted == "none" and .resumes == "by-itself"'
	[ ! -e "$REPORT" ]
}

@test "after the end of its first thread another one does it" {
	sits futex --leader-exits
	answer 0 "$parent"
	all_taken
	so '.parents[0].thread != $zoo.parent'
	goes_on '. == 0'
	zoo_end
	# in its own code: the place for a call is looked for in the memory of a thread that has some
	sits busy --leader-exits
	answer 0 "$parent"
	all_taken
	goes_on '. == 0'
}

@test "a process that has changed its user, and another user's" {
	needs_root
	undisturbed read '. == 1' --uid 12321
}

@test "without CAP_SYS_PTRACE another user's process is refused, and the capability named" {
	needs_root
	run setpriv --reuid=12321 --regid=12321 --clear-groups test -x "$CORONER"
	[ "$status" = 0 ] || skip "needs a build directory that everybody may enter"
	sits read
	run unprivileged "$CORONER" reap --own --yes "$parent"
	[ "$status" = 1 ]
	[[ $output == *CAP_SYS_PTRACE* ]]
	for z in $(zoo_get '.zombies[]'); do
		[ -e "/proc/$z" ]
	done
}

@test "computing: the sums stay right" {
	undisturbed busy '. == 0'
	so '.parents[0] | .call == null and .resumes == "running"'
	undisturbed busy '. == 0' --in-handler --altstack
}

# x86_64: what only that has.
needs_x86_64() {
	[ "$(uname -m)" = x86_64 ] || skip "is about x86-64"
}

@test "computing in restartable sequences: no stop makes the kernel forget one" {
	needs_x86_64
	undisturbed rseq '. == 0'
}

@test "computing in calls that the kernel emulates: vsyscall" {
	needs_x86_64
	grep -q vsyscall /proc/self/maps || skip "needs a kernel with vsyscall"
	undisturbed vsyscall '. == 0'
}

@test "refused: a 64-bit program in a call of 32-bit ones" {
	needs_x86_64
	runs_32bit || return 0
	sits old-gate
	refused 'contains("32-bit")' "$parent"
	still_there
	goes_on '. == 0'
}

@test "signals come all the time: each is delivered once and in turn, and all zombies go" {
	local how
	for how in signals signals-restart; do
		rm -f "$WAKE" "$REPORT"
		zoo sits --how "$how" --count 60 --wake "$WAKE" --report "$REPORT"
		parent=$(zoo_get .parent)
		answer 0 "$parent"
		so '.parents[0] | .after == 0 and (.reaped | length) == 60'
		goes_on '. == 0'
		zoo_end
	done
}

@test "a parent and zombies of inner PID namespaces: numbers are those of inside" {
	needs_root
	undisturbed read '. == 1' --newpidns 2
}

@test "ten thousand zombies of one parent, in batches" {
	zoo sits --how futex --count 10000
	answer 0 "$(zoo_get .parent)"
	so '.parents[0] | .after == 0 and (.reaped | length) == 10000 and .stops > 1'
	value '.parents[0] | "# longest stop \(.longest_stop_ms) ms of \(.stops), \(.total_stop_ms) ms in all"' >&3
}

@test "its own children are left alone; with --own only those dead for long enough" {
	needs_root
	has_bpf || skip "needs BPF, which knows when a zombie died"
	sits read --own 2
	parent=$(zoo_get .parent)
	answer 0 "$parent"
	so '.parents[0] | .before == 5 and .after == 2 and (.reaped | length) == 3'
	so '.parents[0] | all(.left[]; .why | contains("--own"))'
	answer 0 --own "$parent"
	so '.parents[0] | .after == 2 and all(.left[]; .why | contains("--min-age"))'
	answer 0 --own --min-age=1ms "$parent"
	so '.parents[0] | .after == 0 and (.reaped | length) == 2'
	goes_on '. == 1'
}

@test "from procfs the time of death is not known: --own takes those at --min-age=0 alone" {
	zoo sigchld-default --count 2
	answer 0 --source=procfs --own "$(zoo_get .parent)"
	so '.parents[0] | .after == 2 and all(.left[]; .why | contains("--min-age=0"))'
	answer 0 --source=procfs --own --min-age=0 "$(zoo_get .parent)"
	so '.parents[0].after == 0'
}

@test "children of a program that the parent ran before its exec are taken" {
	needs_root
	has_bpf || skip "needs BPF, which knows exec ids"
	bash -c 'sleep 0.5 & exec sleep 1000' 3>&- &
	parent=$!
	cleanup end_child "$parent"
	await is_sleep_with_zombie "$parent"
	run coroner --json explain "$parent"
	[[ $output == *"coroner reap $parent has it collect those that the program before it (exec) started"* ]]
	answer 0 "$parent"
	so '.parents[0] | .before == 1 and .after == 0 and (.reaped | length) == 1'
	[ "$(cat "/proc/$parent/comm")" = sleep ]
}

end_child() {
	kill -KILL "$1" 2>/dev/null || true # our own child
	wait "$1" 2>/dev/null || true
}

is_sleep_with_zombie() {
	local child
	[ "$(cat "/proc/$1/comm")" = sleep ] || return 1
	child=$(cat "/proc/$1/task/$1/children")
	[ "$(awk '{ print $3 }' "/proc/${child% }/stat")" = Z ]
}

@test "a zombie is named: it alone goes" {
	sits read
	answer 0 "$(zoo_get '.zombies[1]')"
	so '.parents[0] | .pid == $zoo.parent and .reaped == [$zoo.zombies[1]] and .after == 2'
	goes_on '. == 1'
}

@test "--all takes adopted ones of every parent in sight, and no others" {
	sits read
	zoo sigchld-default --count 2
	answer 0 --all
	so '[.parents[].reaped[]] | length == 3'
	so '.parents | length == 1'
	still_there
}

@test "refused: stopped, traced, frozen, in vfork" {
	local how
	for how in "" --tracer; do
		# shellcheck disable=SC2086 # none is a word less
		zoo parent-stopped $how
		answer 1 --own --min-age=0 "$(zoo_get .parent)"
		so '.parents[0] | .reason | test("stopped|traced by")'
		still_there
		zoo_end
	done
	sits vfork
	refused 'contains("vfork")' "$parent"
	still_there
	zoo_end
	[ -w /sys/fs/cgroup/freezer ] || skip "needs the v1 freezer"
	zoo parent-frozen --path "reap$$"
	answer 1 --own --min-age=0 "$(zoo_get .parent)"
	so '.parents[0] | .reason | contains("frozen")'
	still_there
}

@test "left: zombies with live threads, and those that a tracer holds" {
	zoo threads-alive --plain 1
	answer 0 --own --min-age=0 "$(zoo_get .parent)"
	so '.parents[0] | .after == 1 and (.left[0].why | contains("threads"))'
	zoo_end
	zoo traced
	answer 0 --own --min-age=0 "$(zoo_get .parent)"
	so '.parents[0] | .after == 1 and .reaped == [] and (.left[0].why | contains("tracer"))'
}

@test "under a seccomp filter: suspended where that may be, else refused; the parent survives both" {
	needs_root
	local what
	for what in allow errno kill; do
		undisturbed read '. == 1' --seccomp "$what"
		sits read --seccomp "$what"
		run setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$CORONER" reap --yes "$parent"
		[ "$status" = 1 ]
		[[ $output == *seccomp*CAP_SYS_ADMIN* ]]
		still_there
		run "$ZOO/without" bpf 1 "$CORONER" reap --yes "$parent"
		[ "$status" = 1 ]
		[[ $output == *"under one itself"* ]]
		still_there
		goes_on '. == 1'
		zoo_end
	done
}

@test "a seccomp filter that comes while a thread is held kills nobody" {
	needs_root
	zoo sits --how futex --count 1500 --seccomp kill --meanwhile
	parent=$(zoo_get .parent)
	answer 0 "$parent"
	so '.parents[0] | .after == 0 and (.reaped | length) == 1500 and .stops > 1'
	grep -q "^Seccomp:.2" "/proc/$parent/status"
}

@test "it asks on a terminal, and needs --yes elsewhere" {
	needs script
	sits read
	run coroner reap "$parent" </dev/null
	[ "$status" = 2 ]
	[[ $output == *--yes* ]]
	run script -qec "$CORONER reap $parent" /dev/null <<<"n"
	[ "$status" = 1 ]
	[[ $output == *"3 of 3 zombies (adopted"*"goes on by itself"*"Do it? [y/N]"*"nothing was done"* ]]
	still_there
	run script -qec "$CORONER reap $parent" /dev/null <<<"y"
	[ "$status" = 0 ]
	[[ $output == *"3 of 3 zombies reaped"* ]]
	goes_on '. == 1'
}

@test "--dry-run says who, in which call, and what would be noticed, and does nothing" {
	sits epoll_pwait
	answer 0 --dry-run "$parent"
	so '.dry_run and (.parents[0] | .thread == $zoo.parent and .call == "epoll_pwait" and .resumes == "anew")'
	so '.parents[0] | .reaped == [] and (.would_reap | length) == 3 and .after == 3 and .stops == 0'
	valid reap
	run "$CORONER" reap --dry-run "$parent"
	[[ $status == 0 && $output == *"3 of 3 zombies"* && $output != *left:* ]]
	still_there
	[ ! -e "$REPORT" ]
}

@test "a PID that is not there, one without zombies, bad usage" {
	answer 1 4194304
	so '.parents[0].reason | contains("no such process")'
	answer 0 $$
	so '.parents[0] | .before == 0 and (.reason | contains("no zombie"))'
	answer 2
	answer 2 --all 1
	answer 2 --min-age=1s 1
	answer 2 --own --min-age=x 1
}

@test "where no process can be made it does it itself" {
	needs_root
	[ -w /sys/fs/cgroup/pids ] || skip "needs the v1 pids controller"
	local group=/sys/fs/cgroup/pids/coroner-reap-$$
	mkdir "$group"
	cleanup rmdir "$group"
	sits read
	JSON=$(bash -c 'echo $$ >"$1/cgroup.procs"; echo 1 >"$1/pids.max"; exec "$2" reap --yes --json --source=procfs "$3"' \
		_ "$group" "$CORONER" "$parent" </dev/null)
	all_taken
	goes_on '. == 1'
}


@test "explain, nudge, list and check name it where a nudge is useless, and only where it would take something" {
	zoo unfit-init --how subreaper --count 2
	parent=$(zoo_get .parent)
	run coroner explain "$parent"
	[[ $output == *"coroner reap $parent"* ]]
	run coroner nudge "$parent"
	[[ $output == *"coroner reap $parent"* ]]
	run coroner list
	[[ $output == *"coroner reap $parent has it collect"* ]]
	run coroner check --settle=0 -w zombies=0
	[[ $output == *"coroner reap $parent has it collect"* ]]
	zoo unfit-init --how subreaper --count 2
	run coroner list
	[[ $output == *"coroner reap $parent $(zoo_get .parent) has them collect"* ||
		$output == *"coroner reap $(zoo_get .parent) $parent has them collect"* ]]
	zoo_end
	zoo sigchld-default
	parent=$(zoo_get .parent)
	for command in list check; do
		run coroner "$command"
		[[ $output == *sigchld-default* || $command == check ]]
		[[ $output != *"coroner reap "* ]]
	done
	run coroner explain "$parent"
	[[ $output != *"coroner reap $parent"* ]]
	run coroner nudge "$parent"
	[[ $output != *"coroner reap $parent"* ]]
}

@test "refused: a 32-bit program, in whatever call, and awake" {
	needs_root
	needs_x86_64
	runs_32bit || return 0
	local how
	for how in pause sleep other busy poll futex; do
		zoo thirtytwo --how "$how"
		answer 1 --own --min-age=0 "$(zoo_get .parent)"
		so '.parents[0] | .reason | contains("32-bit")'
		so '.parents[0] | .reaped == [] and .after == .before and .before > 0'
		[ "$(awk '{ print $3 }' "/proc/$(zoo_get .parent)/stat")" != Z ]
		zoo_end
	done
}

@test "refused: one that dumps core" {
	needs_root
	mkdir "$BATS_TEST_TMPDIR/disk"
	zoo coredumping --dir "$BATS_TEST_TMPDIR/disk"
	answer 1 --own --min-age=0 "$(zoo_get .parent)"
	so '.parents[0] | .reason | contains("core")'
	still_there
}

@test "a setuid program: by root; by the one who started it not, and the capability is named" {
	needs_root
	local own
	own=$(dirname "$WAKE")
	cp "$ZOO/sits" "$own/setuid-sits"
	chmod 4755 "$own/setuid-sits"
	rm -f "$WAKE" "$REPORT"
	zoo_start setpriv --reuid=12321 --regid=12321 --clear-groups "$own/setuid-sits" \
		--how read --count 3 --wake "$WAKE" --report "$REPORT"
	parent=$(zoo_get .parent)
	[ "$(awk '/^Uid:/ { print $2, $3 }' "/proc/$parent/status")" = "12321 0" ]
	run unprivileged "$CORONER" reap --own --min-age=0 --yes "$parent"
	[ "$status" = 1 ]
	[[ $output == *CAP_SYS_PTRACE* ]]
	still_there
	answer 0 "$parent"
	all_taken
	goes_on '. == 1'
}

@test "a parent under strace is refused, and who traces it is named" {
	needs strace
	sits read
	strace -qq -o /dev/null -p "$parent" 3>&- &
	local tracer=$!
	cleanup end_child "$tracer"
	await grep -q "^TracerPid:.$tracer\$" "/proc/$parent/status"
	refused "contains(\"traced by process $tracer\")" "$parent"
	kill -TERM "$tracer" # our own child
	wait "$tracer" || true
	answer 0 "$parent"
	goes_on '. == 1'
}

@test "a parent that runs a program anew all the time, from another thread: none is left stopped, all zombies go" {
	zoo renews --count 200 --wake "$WAKE"
	parent=$(zoo_get .parent)
	answer 0 "$parent"
	# of one that was killed in the midst, by the start of the program, it is not seen who took it
	so '.parents[0] | .after == 0 and (.reaped | length) > 150'
	grep -q "^TracerPid:.0" "/proc/$parent/status"
	: >"$WAKE"
	await rests "$parent"
	[ "$(cat "/proc/$parent/comm")" = exe ]
}

# In pause(2), its only thread.
rests() {
	local state
	state=$(awk '{ print $3, $20 }' "/proc/$1/stat")
	[ "$state" = "S 1" ]
}

@test "a parent that is itself the tracer of a stopped process: both stay as they are" {
	needs strace
	local child
	mkfifo "$BATS_TEST_TMPDIR/orders"
	"$ZOO/adopts" "$BATS_TEST_TMPDIR/orders" strace -qq -o /dev/null sleep 1000 3>&- &
	parent=$!
	cleanup end_child "$parent"
	await pgrep -P "$parent" -x sleep
	child=$(pgrep -P "$parent" -x sleep)
	kill -STOP "$child" # our own child's
	await is_in_state "$child" t
	echo 3 >"$BATS_TEST_TMPDIR/orders"
	# it waits for any child, so that both are at it
	await no_zombie_after_reap "$parent"
	is_in_state "$child" t
	[ "$(cat "/proc/$parent/comm")" = strace ]
	kill -CONT "$child"
	await is_in_state "$child" S
}

is_in_state() {
	[ "$(awk '{ print $3 }' "/proc/$1/stat")" = "$2" ]
}

no_zombie_after_reap() {
	coroner reap --yes "$1" >/dev/null && ! ps -o stat= --ppid "$1" | grep -q '^Z'
}

# killed VICTIM KILLS SEED...: for each seed a parent and so many kills, all parents at once; the sums in $JSON.
killed() {
	local victim=$1 kills=$2 seed pids=() pid
	shift 2
	for seed; do
		"$ZOO/reap-kills" "$CORONER" "$kills" "$victim" "$seed" >"$BATS_TEST_TMPDIR/sums.$seed" 3>&- &
		pids+=("$!")
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	JSON=$(jq -cs 'map(to_entries[] | select(.key != "whole_us")) | group_by(.key) |
		map({ (.[0].key): map(.value) | add }) | add' "$BATS_TEST_TMPDIR"/sums.*)
	echo "# $victim killed: $JSON" >&3
}

# KILLS for each of SEEDS: few here, `make check-kills` has 2,000.
@test "coroner is killed at any instant: the parent goes on as if nothing had been" {
	# shellcheck disable=SC2086 # numbers
	killed coroner "${KILLS:-20}" ${SEEDS:-1}
	so '.kills > 0 and .harmed == 0 and .broken == 0 and .wrong == 0 and .stuck == 0 and .masked == 0'
}

# The one instruction left in between: how often, of all kills, is said above.
@test "who holds the thread is killed: where that does harm, coroner says so" {
	# shellcheck disable=SC2086 # numbers
	killed hand "$((${KILLS:-40} / 4))" ${SEEDS:-1}
	so '.kills > 0 and .while_held > 0 and .untold == 0 and .masked == 0'
}

# Before each of its first requests, and so within each step from the stop to the end of the first call.
@test "who holds a thread in epoll_wait is killed before each of its requests: a lost call is said" {
	local call=epoll_pwait n lost=0 kept=0
	needs strace
	! has_call epoll_wait || call=epoll_wait
	for n in {1..16}; do
		sits "$call"
		JSON=$(strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=ptrace -e inject=ptrace:signal=SIGKILL:when="$n" \
			"$CORONER" reap --json --yes "$parent") || :
		grep -q 'killed by SIGKILL' "$BATS_TEST_TMPDIR/trace"
		: >"$WAKE"
		# where its registers are another call's it may never report
		if await test -e "$REPORT" && jq -e '.broken == 0 and .result == 1' "$REPORT" >/dev/null; then
			kept=$((kept + 1))
		else
			lost=$((lost + 1))
			so '.parents[0] | (.reason | test("may have lost the call")) and .interrupted == "unknown"
				and .resumes == null and .call == null'
		fi
		so '.parents[0].reason | test("was killed")'
		so ".parents[0] | (.stops > 0) == ($n > 1)" # the first one is that which seizes it
		zoo_end
	done
	((lost > 0 && kept > 0))
}

# held: strace has stopped the one who is about to stop the parent's thread.
is_held_up() {
	coroner=$(cat "/proc/$tracer/task/$tracer/children") && coroner=${coroner%% *}
	hand=$(cat "/proc/$coroner/task/$coroner/children") && hand=${hand%% *}
	[ "$(cat "/proc/$hand/comm")" = reap-hand ] && grep -q "^$hand .*stopped by SIGSTOP" "$BATS_TEST_TMPDIR/trace"
} 2>/dev/null

@test "the thread goes on to another call after the look: that one is named" {
	local tracer coroner='' hand='' call
	needs strace
	sits read
	call=$(awk '{ print $1 }' "/proc/$parent/syscall")
	strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=ptrace -e inject=ptrace:signal=SIGSTOP:when=1 \
		"$CORONER" reap --json --yes "$parent" >"$BATS_TEST_TMPDIR/out" 3>&- &
	tracer=$!
	await is_held_up
	goes_on '. == 1'
	await grep -qv -e "^$call " -e '^running' "/proc/$parent/syscall"
	kill -CONT "$hand"
	wait "$tracer"
	JSON=$(<"$BATS_TEST_TMPDIR/out")
	all_taken
	so '.parents[0] | .call != null and .call != "read" and .interrupted == "none"'
}
