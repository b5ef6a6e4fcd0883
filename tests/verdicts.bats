#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is said of a parent holds: of all its threads, at both looks, and only where it had the chance to
# reap. What one source cannot know it does not call proven.
# Longer than 400 lines: what holds a parent is told from what only seems to, one beside the other.

load lib

# judged SOURCE FILTER [ARGS...]: what list says of the zoo's parent then.
judged() {
	json list --source="$1" "${@:3}"
	expect "parent | $2"
}

# The same of one that sweeps: it has no zombie for a moment each time.
sweeper_judged() {
	await listed --source="$1" "${@:3}"
	expect "parent | $2"
}

# Whether list has the zoo's parent
listed() {
	json list "$@"
	value '.parents[].process.pid' | grep -qx "$(zoo_get .parent)"
}

# -- who can run, and who had the chance --

@test "the main thread is stopped by a tracer, another one runs: not parent-stopped" {
	local source
	zoo parent-stopped --tracer --worker
	for source in $(sources); do
		judged "$source" '.verdict | .code == "sigchld-default" and (.why | contains("cannot call wait") | not)'
	done
	# and with that one stopped too it is
	zoo_end
	zoo parent-stopped --worker
	for source in $(sources); do
		judged "$source" '.verdict | .code == "parent-stopped" and .certainty == "proven"'
		judged "$source" '.verdict | .code == "parent-stopped" and .certainty == "proven"' --settle=20ms
	done
}

@test "stopped and continued over and over, as cpulimit does it: stopped at both looks is no proof" {
	local source parent throttle
	zoo parent-stopped
	parent=$(zoo_get .parent)
	while kill -CONT "$parent" && kill -STOP "$parent"; do
		nap 0.02
	done 3>&- &
	throttle=$!
	for source in $(sources); do
		judged "$source" '.verdict | .code != "parent-stopped" or .certainty == "likely"' --settle=500ms
	done
	kill "$throttle"
	wait "$throttle" || true
	# it may have ended between the two
	kill -STOP "$parent" # our own, started by zoo
	for source in $(sources); do
		judged "$source" '.verdict | .code == "parent-stopped" and .certainty == "proven"' --settle=500ms
	done
}

@test "under strace, which stops it at each system call: stopped at the one look is no proof" {
	local source strace i
	needs strace
	exec {BUSY}< <(exec strace -o /dev/null "${PYTHON:-python3}" -c '
import os
if os.fork() == 0:
    os._exit(0)
strace = os.getppid()
while os.getppid() == strace:
    open("/proc/self/stat").close()
' 3>&-)
	strace=$!
	cleanup kill_if_there "$strace"
	await has_zombie python3
	for source in $(sources); do
		for ((i = 0; i < 15; i++)); do
			json list --source="$source"
			expect '[.parents[] | select(.process.comm == "python3").verdict] | length == 1 and
				(.[0].code != "parent-stopped" or .[0].certainty == "likely")'
		done
	done
	kill -KILL "$(value '.parents[] | select(.process.comm == "python3").process.pid')" # started above
	tail --pid="$strace" -s 0.02 -f /dev/null
}

# has_zombie COMM: a parent of that name
has_zombie() {
	json list
	expect '.parents[] | select(.process.comm == $comm).zombies | length >= 1' --arg comm "$1" 2>/dev/null
}

kill_if_there() {
	kill -KILL "$1" 2>/dev/null || true
}

@test "all threads are dead, and a tracer keeps them: no thread lives on, and detaching it helps" {
	local source both
	for both in "" --both; do
		# shellcheck disable=SC2086
		zoo traced-threads $both
		for source in $(sources); do
			json list --zombies --source="$source"
			expect 'parent | .verdict | .code == "traced" and .certainty == "proven" and
				(.why | test("all of zombie .* is dead, but tracer \($zoo.tracer) holds")) and
				(.remedy | test("tracer \($zoo.tracer)"))'
			expect 'parent | .zombies[0].blocker == "traced"'
			json explain --source="$source" "$(zoo_get '.zombies[0]')"
			expect '[.cases[0].story[].text] | all(test("lives? on|not dead yet") | not)'
		done
		kill -KILL "$(zoo_get .tracer)" # as it says; started by the zoo
		await only_zombie "$(zoo_get '.zombies[0]')"
	done
}

only_zombie() {
	grep -q '^Threads:.1$' "/proc/$1/status"
}

@test "one thread of two is in D after vfork: not parent-uninterruptible" {
	local source
	zoo parent-uninterruptible --thread
	for source in $(sources); do
		judged "$source" '.verdict.code == "sigchld-default"' --settle=20ms
	done
}

@test "in D at both looks, and awake in between: not proven to be held there" {
	local source i
	zoo parent-uninterruptible --again
	for source in $(sources); do
		for ((i = 0; i < 20; i++)); do
			json list --settle=100ms --source="$source"
			expect 'parent | .verdict | .certainty == "likely" and (.why | test("still was|seen once") | not)'
		done
	done
}

@test "an init that sweeps every few seconds: never proven, however it sleeps in between" {
	local source how
	for how in poll sleep alarm timerfd thread; do
		zoo sweeper --init --how "$how" --every 2500
		for source in $(sources); do
			sweeper_judged "$source" '.verdict | .code == "unfit-init" and .certainty == "likely"'
			json namespaces --source="$source"
			expect '.namespaces[] | select(.init.pid == $zoo.parent) | .reaps != "no"'
		done
		zoo_end
	done
	# also after a settle time that is shorter than its nap
	zoo sweeper --init --how poll --every 20000
	for source in $(sources); do
		sweeper_judged "$source" '.verdict | .code == "unfit-init" and .certainty == "likely" and
			(.remedy | test("^look again later")) and
			(.why + .remedy | contains("--settle=2s") | not)' --settle=2s
		json reaper --source="$source" --settle=2s
		expect '.reapers[] | select(.process.pid == $zoo.parent) | .reaps == "unknown"'
	done
}

@test "an init that sweeps after each line that it reads: never proven, and that is said" {
	local source
	zoo sweeper --init --how read --every 30000
	for source in $(sources); do
		sweeper_judged "$source" '.verdict | .code == "unfit-init" and .certainty == "likely" and
			(.why | contains("it waits to read, and may look for such ones after that")) and
			(.remedy | test("^look again later"))' --settle=2s
		json reaper --source="$source" --settle=2s
		expect '.reapers[] | select(.process.pid == $zoo.parent) | .reaps == "unknown"'
	done
}

@test "an init that others wake, by a socket or a signal: not proven at a look in between" {
	local source how
	for how in epoll usr1 usr1-nap; do
		zoo sweeper --init --how "$how" --every 30000
		for source in $(sources); do
			sweeper_judged "$source" '.verdict | .code == "unfit-init" and .certainty == "likely" and
				(.remedy | test("^look again later"))' --settle=2s
		done
		json reaper --settle=2s
		expect '.reapers[] | select(.process.pid == $zoo.parent) | .reaps == "unknown"'
		zoo_end
	done
}

# older_than PID SECONDS: for so long it has been there, at least.
older_than() {
	local text now
	read -r now _ </proc/uptime
	text=$(<"/proc/$1/stat")
	# shellcheck disable=SC2086
	set -- "$2" ${text##*) }
	((${now%.*} - ${21} / $(getconf CLK_TCK) > $1))
}

@test "a parent that runs, or may, and is late by more than tells of one that sleeps: not proven" {
	local source how told late=()
	for how in "--how steps" "--how notify" "--how sem" "--how sleep" "--how poll" \
		"--init --how steps" "--init --how notify" "--init --how sigwait" "--init --how child"; do
		# shellcheck disable=SC2086
		zoo sweeper $how --every 60000
		late+=("$ZOO_JSON")
	done
	# longer than 5 s, with the settle time
	await listed
	await older_than "$(value 'parent | .zombies[0].pid')" 4
	for source in $(sources); do
		json list --source="$source" --settle=2s
		for ZOO_JSON in "${late[@]}"; do
			expect 'parent | .verdict | .certainty == "likely" and (.remedy | test("^look again later"))'
		done
		json reaper --source="$source" --settle=2s
		for ZOO_JSON in "${late[@]:5}"; do
			expect '.reapers[] | select(.process.pid == $zoo.parent) | .reaps == "unknown" and
				(.why | contains("--settle") | not)'
		done
	done
}

@test "a parent that takes its own children late: likely, and it says so" {
	local source
	zoo sweeper --how sleep --every 2500
	for source in $(sources); do
		sweeper_judged "$source" '.verdict | .code == "sigchld-default" and .certainty == "likely"'
		sweeper_judged "$source" '.verdict | .code == "sigchld-default" and .certainty == "likely"' --settle=20ms
	done
	zoo_end
	# one that sleeps without a time limit stays as it is
	zoo sigchld-default
	for source in $(sources); do
		judged "$source" '.verdict | .code == "sigchld-default" and .certainty == "proven"' --settle=20ms
	done
}

@test "a good handler in a program that computes: its zombies are not blamed on the handler" {
	local source
	zoo sigchld-caught --how busy --count 2
	for source in $(sources); do
		judged "$source" '.verdict | .code == "sigchld-caught" and .certainty == "likely" and
			(.why | contains("is computing")) and (.remedy | contains("fix the handler") | not)' --settle=20ms
	done
}

@test "sigchld-caught is never proven by masks" {
	local source
	zoo sigchld-caught
	for source in $(sources); do
		judged "$source" '.verdict | .code == "sigchld-caught" and .certainty == "likely"' --settle=20ms
	done
}

@test "a parent that dumps its core: told so, neither stopped nor merely asleep" {
	needs_root
	local source pattern
	read -r pattern </proc/sys/kernel/core_pattern
	[[ $pattern != \|* && $pattern != */* ]] || skip "core_pattern is no plain name"
	mkdir "$BATS_TEST_TMPDIR/disk"
	zoo coredumping --dir "$BATS_TEST_TMPDIR/disk"
	for source in $(sources); do
		judged "$source" '.verdict | .certainty == "likely" and .nudge == "useless" and
			(.why | contains("core is being written")) and (.remedy | contains("kill -KILL \($zoo.parent)"))' --settle=20ms
	done
}

@test "a wait that has not begun takes nothing: in-flight is not proven" {
	local source
	zoo held-wait
	for source in $(sources); do
		judged "$source" '.verdict | .code == "in-flight" and .certainty == "likely" and (.why | contains("holds that call"))'
		judged "$source" '.doing.syscall == "wait4"'
	done
}

@test "an init whose main thread ended while another lives is not dying" {
	local source
	zoo leaderless
	for source in $(sources); do
		judged "$source" '.verdict | .code == "unfit-init"'
		judged "$source" '.verdict | .code == "unfit-init"' --settle=20ms
	done
}

# -- whose child it is --

@test "asleep since before the zombie was born: adopted, whatever its session" {
	has_bpf || skip "needs BPF: /proc has no times of threads"
	local how
	for how in "--how pause" "--how sleep" "--how poll" "--thread --how pause"; do
		# shellcheck disable=SC2086
		zoo slept $how
		judged bpf '(.zombies | length) == 1 and .zombies[0].adopted == true and .verdict.code == "unfit-init"'
		json orphans --source=bpf
		expect '.orphans[] | select(.process.pid == $zoo.zombies[0]) |
			.evidence == "parent-slept" and .certainty == "proven" and .adopted_by == $zoo.parent'
		judged bpf '.verdict | .code == "unfit-init" and .certainty == "proven"' --settle=2s
		judged procfs '.verdict.certainty == "likely" and .zombies[0].adopted != false' --settle=20ms
		zoo_end
	done
}

@test "the same from procfs: adopted, likely; and nothing of the kind of one that has run since" {
	local args
	[ -e /proc/self/sched ] || skip "this kernel has no /proc/PID/sched (CONFIG_SCHED_DEBUG)"
	for args in "" "--thread"; do
		# shellcheck disable=SC2086
		zoo slept --how pause --apart 1500 $args
		judged procfs '.zombies[0].adopted == true and .verdict.code == "unfit-init" and
			.verdict.certainty == "likely"'
		json orphans --source=procfs
		expect '.orphans[] | select(.process.pid == $zoo.zombies[0]) |
			.evidence == "parent-slept" and .certainty == "likely"'
		zoo_end
	done
	# its own children
	zoo sigchld-default --place init --count 2
	judged procfs '[.zombies[].adopted] == [null, null]'
}

@test "a child that a sibling made for its parent (CLONE_PARENT): not started by that parent itself" {
	has_bpf || skip "needs BPF: /proc has no times of threads"
	zoo slept --sibling
	judged bpf '.zombies[0].adopted == false'
	json explain --source=bpf "$(zoo_get '.zombies[0]')"
	expect '.cases[0].story[] | select(.about == "parent" and (.text | test("^Its parent"))) |
		(.text | contains("CLONE_PARENT")) and (.text | contains("itself") | not)'
}

@test "a parent that may only be late is looked at again before it is changed" {
	local source
	zoo sigchld-default
	for source in $(sources); do
		judged "$source" '.verdict | .certainty == "likely" and
			(.remedy | test("^look again with --settle=2s; if it stays, fix the parent"))'
	done
	if has_bpf; then
		judged bpf '.verdict | .certainty == "proven" and (.remedy | test("^fix the parent"))' --settle=20ms
	fi
}

@test "parent-replaced: children of the program that the parent ran before" {
	local args
	for args in "" "--chain"; do
		# shellcheck disable=SC2086
		zoo execs $args
		if has_bpf; then
			judged bpf '.verdict | .code == "parent-replaced" and .nudge == "useless" and .certainty == "proven" and
				(.remedy | contains("does not help"))' --settle=20ms
			json explain --source=bpf "$(zoo_get '.zombies[0]')"
			expect '.cases[0].story[] | select(.about == "parent" and (.text | test("^Its parent"))) |
				(.text | contains("another program")) and (.text | contains("itself") | not)'
		fi
		# what /proc cannot tell is not called proven
		judged procfs '.verdict | .certainty == "likely"' --settle=20ms
		zoo_end
	done
	# what runs may be the same program anew, which knows its children
	for args in "--self" "--self --was-exe"; do
		# shellcheck disable=SC2086
		zoo execs $args
		if has_bpf; then
			judged bpf '.verdict | .code == "parent-replaced" and .certainty == "likely" and
				(.why | contains("ran itself anew"))' --settle=20ms
		fi
		zoo_end
	done
	# an init may have adopted them all the same
	zoo execs --init
	if has_bpf; then
		judged bpf '.verdict | .code == "parent-replaced" and .certainty == "likely"' --settle=20ms
	fi
	judged procfs '.verdict.certainty == "likely"' --settle=20ms
}

# -- programs of another word size --

@test "a 32-bit parent: its wait for one other child, its wait for any, its sleep are read" {
	[[ -x $ZOO/waits32 ]] || skip "32-bit programs are made on x86-64 alone"
	runs_32bit || return 0
	local source how
	for how in other pause sleep; do
		zoo thirtytwo --how "$how"
		for source in $(sources); do
			await judged "$source" '.doing.syscall != null'
			case $how in
			other) judged "$source" '.verdict.code == "waits-for-other" and .doing.syscall == "waitpid" and
				(.doing.waits_for | type) == "number" and .doing.waits_for != .zombies[0].pid' ;;
			pause) judged "$source" '.verdict.code == "sigchld-default" and .verdict.certainty == "proven" and
				.doing.syscall == "pause"' --settle=20ms ;;
			sleep) judged "$source" '.verdict.code == "sigchld-default" and .verdict.certainty == "proven" and
				.doing.syscall == "nanosleep"' --settle=20ms ;;
			esac
			[[ $ERRORS != *"in spite of"* ]]
		done
		zoo_end
	done
	zoo thirtytwo --init --how any
	for source in $(sources); do
		json namespaces --source="$source"
		expect '.namespaces[] | select(.init.pid == $zoo.parent) | .reaps == "yes"'
	done
}

# -- many zombies --

@test "DOING names the thread that JSON does; ADOPTED has its doubt" {
	zoo waits --how waitpid --thread
	json list
	[[ $(coroner list -o pid,doing --no-headings | awk -v p="$(zoo_get .parent)" '$1 == p { print $2 }') == \
		$(value 'parent | .doing.syscall') ]]
	expect 'parent | .doing.syscall == "wait4"'
}
