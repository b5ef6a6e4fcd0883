#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner explain: every verdict's story holds its evidence and its remedy, for the zombie and for
# its parent; and processes that nothing is wrong with are told so.

bats_require_minimum_version 1.5.0
load lib

# told ABOUT PATTERN: a sentence on that matches, with its evidence; from the last answer.
told() {
	expect '[.cases[-1].story[] | select(.about == $about) | "\(.text) [\(.evidence)]"]
		| any(test($pattern))' --arg about "$1" --arg pattern "$2" || {
		value '.cases[-1].story[] | "\(.about): \(.text) [\(.evidence)]"' >&2
		return 1
	}
}

# story CODE WHY REMEDY NUDGE [KILL]: the story of the zoo's first zombie, from every source; or from
# the tree that looks like /proc, if $TREE is one.
story() {
	local source zombie
	zombie=$(zoo_get '.zombies[0]')
	for source in $([ -n "${TREE:-}" ] && echo procfs || sources); do
		json explain --source="$source" --procfs="${TREE:-/proc}" "$zombie"
		expect '.schema == "coroner.explain/1" and (.cases | length) == 1'
		expect '.cases[0] | .kind == "zombie" and .process.pid == $zoo.zombies[0] and
			.zombie.pid == $zoo.zombies[0] and .parent.process.pid == $zoo.parent'
		expect '.cases[0].verdict.code == $code' --arg code "$1"
		told who "^$zombie .*A zombie"
		told why "$2.* \\[verdict: $1, "
		told remedy "$3"
		told nudge "$4"
		told lineage "$(zoo_get .parent) .* $zombie .*zombie"
		told cost "takes the place of a process"
		told kill "${5:-kill -TERM $(zoo_get .parent) }"
		"$TESTS/validate" explain <<<"$JSON"
	done
}

@test "threads-alive" {
	zoo threads-alive
	story threads-alive "1 other thread of it still lives" \
		"wait for its other threads, or end it .kill $(zoo_get '.zombies[0]'), or kill -KILL" useless \
		'kill -TERM [0-9]+ from here goes to the threads of it that live on, and ends it; kill -KILL ends it'
	told died "Its main thread has ended, but 1 other thread of it lives on.*not dead yet.*Threads 2"
}

@test "without libproc2 a user is a number, and the rest is said" {
	local library
	needs unshare
	zoo sigchld-default
	run coroner explain "$(zoo_get .parent)"
	[[ $output == *"user root"* ]]
	library=$(ldconfig -p | sed -n 's/.*libproc2\.so\.0 .*=> //p')
	[ -e "$library" ]
	run unshare -m sh -c 'mount --bind /dev/null "$0" && exec "$@"' "$(realpath "$library")" \
		"$CORONER" explain "$(zoo_get .parent)"
	[ "$status" -eq 0 ]
	[[ $output == *"user 0"* ]]
	[[ $output == *sigchld-default* ]]
}

@test "traced" {
	zoo traced
	story traced "Tracer [0-9]+ holds zombie" "^Detach or end its tracer $(zoo_get .tracer) " useless
	told remedy "That alone may not do: it has no handler"
	# the tracer's own story
	local source
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get .tracer)"
		told state "It traces zombie $(zoo_get '.zombies[0]') .traced. and has not waited for it: the parent $(zoo_get .parent) "
	done
	json explain "$(zoo_get .parent)"
	expect '[.cases[0].story[].text] | all(test("It traces") | not)'
	zoo parent-stopped --tracer
	json explain "$(zoo_get .tracer)"
	told state "It traces $(zoo_get .parent) .parent-stopped., which holds 1 zombie\\."
}

@test "namespace-dying" {
	zoo namespace-dying
	story namespace-dying "its init $(zoo_get .init) waits until parent $(zoo_get .parent)" \
		"^Make $(zoo_get .parent) wait for $(zoo_get '.zombies[0]'), or end" "useless: there is no handler"
	told died "killed by SIGKILL"
}

@test "an init that is dying: whom it waits for, and nothing of what it did before" {
	local member source
	for source in $(sources); do
		zoo namespace-dying
		member="$(zoo_get '.zombies[0]') .namespace-dying., which its parent $(zoo_get .parent) .namespace-dying., outside, must reap"
		json explain --source="$source" "$(zoo_get .init)"
		told state "^It is being torn down with its PID namespace .state .*: it waits for zombie $member\\."
		expect '[.cases[0].story[].about] | index("doing") == null and index("masks") == null
			and index("heir") == null and index("cost") == null'
		told kill "TERM $(zoo_get .init) from here does nothing; kill -KILL does nothing"
		zoo_end
	done
	# its main thread had ended before
	zoo namespace-dying --threads
	json explain "$(zoo_get .init)"
	told state "^It is being torn down .*: it waits for zombie $(zoo_get '.zombies[0]') "
	told kill "^No signal does anything to $(zoo_get .init)"
	# a main thread that ended is no dying init by itself
	zoo threads-alive --init
	json explain "$(zoo_get '.zombies[0]')"
	expect '.cases[0].process.role == "init"'
	expect '[.cases[0].story[].text] | all(test("torn down") | not)'
	# an init has no handler for it
	told kill "goes to the threads of it that live on, and does nothing; kill -KILL ends it"
}

@test "parent-stopped" {
	zoo parent-stopped
	story parent-stopped "is stopped by a signal" "kill -CONT $(zoo_get .parent)" "the kernel drops it"
	told kill "TERM $(zoo_get .parent) from here stays pending until it runs again, and then ends it; kill -KILL ends it\\."
}

@test "a fatal signal that is pending: the remedy says what running on would come to" {
	local parent zombie
	zoo parent-stopped
	parent=$(zoo_get .parent) zombie=$(zoo_get '.zombies[0]')
	json explain "$zombie" "$parent"
	expect '[.cases[].story[].text] | all(test("ends as soon") | not)'
	kill -TERM "$parent" # started by the zoo
	json explain "$zombie"
	told remedy "^SIGTERM is pending and has no handler: the parent ends as soon as it runs again\\. .*ShdPnd"
	json explain "$parent"
	told remedy "^SIGTERM is pending and has no handler: it ends as soon as it runs again"
	kill -CONT "$parent" # started by the zoo
	timeout 20 sh -c "until ! grep -q '^State:.[^ZX]' /proc/$parent/status 2>/dev/null; do sleep 0.01; done"
}

@test "parent-frozen" {
	if [ -d /sys/fs/cgroup/freezer ]; then
		zoo parent-frozen --v1 /sys/fs/cgroup/freezer
	else
		zoo parent-frozen --v2 /sys/fs/cgroup
	fi
	story parent-frozen "cgroup of parent .* is frozen" "Thaw its cgroup" \
		".SIGCHLD to $(zoo_get .parent). does nothing while it is held up: there is no handler for SIGCHLD, so the kernel drops it"
	if [ -d /sys/fs/cgroup/freezer ]; then
		told kill "TERM $(zoo_get .parent) from here stays pending until it is thawed, and then ends it; so does kill -KILL\\."
	else
		told kill "TERM $(zoo_get .parent) from here ends it; kill -KILL ends it\\."
	fi
	# the command that it names does it
	remedy=$(value '.cases[0].story[] | select(.about == "remedy").text' | grep -o 'echo .* > .*')
	bash -c "$remedy"
	await thawed "$(zoo_get .parent)" 2>/dev/null
}

thawed() {
	json list
	expect '[.parents[] | select(.process.pid == $pid) | .verdict.code] == ["sigchld-default"]' \
		--argjson pid "$1"
}

@test "parent-uninterruptible" {
	zoo parent-uninterruptible
	story parent-uninterruptible "uninterruptible sleep .state D. in vfork, until the child" \
		"why child $(zoo_get .child) neither runs a program nor ends .coroner explain $(zoo_get .child)." \
		"the kernel drops it"
	told doing "sleeps in the kernel function "
	told doing "wait for a vfork child"
	told kill "TERM $(zoo_get .parent) from here ends it; kill -KILL ends it.*TERM: .*vfork child"
	json explain "$(zoo_get .parent)"
	told state "no handler runs until that ends"
	zoo parent-uninterruptible --catch 15
	json explain "$(zoo_get .parent)"
	told kill "TERM $(zoo_get .parent) from here stays pending until that sleep ends, and then runs a handler; kill -KILL ends it"
}

@test "clone-child" {
	zoo clone-child
	story clone-child "none for its exit signal, not SIGCHLD" "wait with __WALL" "plain wait does not take"
}

@test "in-flight: which no process stays in, so from a tree that looks like /proc" {
	TREE=$BATS_TEST_TMPDIR/tree
	"$TESTS/fixtures/make" in-flight "$TREE"
	ZOO_JSON='{"parent": 100, "zombies": [101]}'
	story in-flight "Thread 100 of parent 100 waits for any child: zombie 101 is being reaped as we look" \
		"^Nothing: look again" "useless: the zombie is being reaped already"
	told doing "in wait4, waiting for any child"
	expect '.cases[0].verdict | .certainty == "proven" and .nudge == "useless"'
	# the parent's own story is the same
	json explain --procfs="$TREE" 100
	expect '.cases[0] | .kind == "parent" and .verdict.code == "in-flight"'
	told why "verdict: in-flight, proven"
	told holds "It holds 1 zombie "
	told remedy "^Nothing: look again"
	# which thread of several it is, is told
	"$TESTS/fixtures/make" in-flight-thread "$BATS_TEST_TMPDIR/thread"
	json explain --procfs="$BATS_TEST_TMPDIR/thread" 101
	told why "Thread 102 of parent 100 waits for any child"
}

@test "unfit-init: what a docker user does about it" {
	zoo unfit-init --count 3
	story unfit-init "is the init of its PID namespace and adopted zombie" "tini" \
		"no handler for SIGCHLD"
	told parent "adopted it: the one that started it has ended.*session"
	told parent "It holds 3 zombies"
	told doing "clock_nanosleep.*/syscall"
	told kill "TERM $(zoo_get .parent) from here does nothing; kill -KILL ends it"
	told heir "the kernel ends its whole PID namespace"
	expect '.cases[0].if_it_ends.heir.rule == "none"'
}

@test "waits-for-other" {
	zoo waits --how waitpid --newpidns 1
	story waits-for-other "waits for process $(zoo_get .other) alone" \
		"^See why $(zoo_get .other) does not end .*must wait for every child" \
		"useless"
	told doing "in wait4, waiting for process $(zoo_get .other) "
	json explain "$(zoo_get .other)"
	told state "^Process $(zoo_get .parent) .waits. waits for this process alone, and holds 1 zombie\\."
	json explain "$(zoo_get '.zombies[0]')"
	told heir "If the parent ends, $(zoo_get '.inits[0]') .*the init of its PID namespace"
}

@test "sigchld-blocked" {
	zoo sigchld-blocked
	story sigchld-blocked "SIGCHLD" "unblock SIGCHLD and handle it, or take it by signalfd or sigwait" nudge
	told masks "blocked by every thread.*SigBlk 10000"
}

@test "sigchld-ignored" {
	zoo sigchld-ignored
	story sigchld-ignored "ignores SIGCHLD now" "must wait once for each" "useless"
	told masks "SIGCHLD is ignored.*SigIgn 10000"
}

@test "sigchld-default" {
	zoo sigchld-default
	story sigchld-default "has no handler for SIGCHLD" "must wait for every child that it starts, or ignore SIGCHLD" \
		"useless"
	told died "exited with status 0"
}

@test "sigchld-caught" {
	zoo sigchld-caught
	story sigchld-caught "catches SIGCHLD, yet zombie" "loop over waitpid" "coroner nudge $(zoo_get .parent)"
	told masks "caught by a handler.*SigBlk 0, .*SigCgt 10000 .SIGCHLD., ShdPnd 0"
	zoo signal-target --how blocked --log /dev/null
	json explain "$(zoo_get .target)"
	told masks "SigBlk 14002 .SIGINT SIGTERM SIGCHLD., "
	zoo signal-target --how sigwait --log /dev/null
	json explain "$(zoo_get .target)"
	told masks "SigCgt 8000000000000000 .SIGRTMAX., "
}

@test "each way to end is told" {
	local i kind number
	mkdir "$BATS_TEST_TMPDIR/cores"
	zoo exits --cores "$BATS_TEST_TMPDIR/cores"
	for i in $(seq 0 $(($(zoo_get '.zombies | length') - 1))); do
		read -r kind number <<<"$(zoo_get ".exits[$i]")"
		json explain "$(zoo_get ".zombies[$i]")"
		case $kind in
		exited) told died "exited with status $number\\." ;;
		signaled) told died "killed by SIG[A-Z0-9+-]+\\." ;;
		dumped) told died "killed by SIG[A-Z0-9+-]+, and dumped core\\." ;;
		esac
	done
}

@test "a parent: what it holds, and of which kind" {
	zoo sigchld-default --count 4
	json explain "$(zoo_get .parent)"
	expect '.cases[0] | .kind == "parent" and .zombie == null and .parent.n_zombies == 4 and
		(.parent.zombies | length) == 4 and .verdict.code == "sigchld-default"'
	told holds "It holds 4 zombies \\(sigchld-default ×4\\)"
	told state "It sleeps"
}

@test "an init without zombies: whether it reaps; how it is reached by signals" {
	zoo init --how sigwait --orphans 1
	json explain "$(zoo_get .init)"
	expect '.cases[0] | .kind == "reaper" and .parent == null and .verdict == null'
	told reaper "As the init of its PID namespace it adopts orphans: 1 of its children"
	told doing "rt_sigtimedwait, waiting for signals, SIGCHLD among them"
	told masks "awaited in sigtimedwait, which hides that it is blocked"
	told kill "is taken by a wait for signals"
	expect '.cases[0].signals.SIGKILL | .own.effect == "nothing" and .ancestor.effect == "dies"'
	zoo init --how waits
	json explain "$(zoo_get .init)"
	expect '.cases[0].reaps == "yes"'
	told reaper "Yes: a thread of it waits for any child"
}

@test "an orphan that lives" {
	zoo init --how waits --orphans 1
	json explain "$(zoo_get '.orphans[0]')"
	expect '.cases[0] | .kind == "orphan" and .adoption.adopted and .adoption.by == $zoo.init'
	told parent "$(zoo_get .init) .*adopted it"
}

@test "an innocent process, and one that is stopped" {
	local pid
	sleep 1000 3>&- &
	pid=$!
	json explain "$pid"
	expect '.cases[0] | .kind == "other" and .parent == null and .verdict == null'
	told who "No zombie, and it holds none"
	told doing "in clock_nanosleep|What it does"
	kill -STOP "$pid"
	timeout 10 sh -c "until grep -q 'State:.T' /proc/$pid/status; do sleep 0.01; done"
	json explain "$pid"
	told state "stopped by a signal"
	kill -KILL "$pid"
}

# engine PATH LASTING NOW: what is advised for a process in that cgroup.
engine() {
	local root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	zoo cgroup --init --path "$root:$1"
	json explain "$(zoo_get '.zombies[0]')"
	told remedy "$2"
	zoo_end
}

@test "the remedy in the words of the container engine" {
	local hex=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	local uid=12345678-9abc-def0-1234-56789abcdef0
	needs_root
	engine "docker/$hex" "In docker, now: docker restart $hex"
	engine "libpod-$hex.scope" "In podman, now: podman restart $hex"
	engine "k8s.io/$hex" "In containerd, now: nerdctl restart $hex"
	engine "kubepods/pod$uid/$hex" "In a pod, now: kubectl delete pod POD \\(the pod with uid $uid\\)"
}

@test "text: one screen, the same sentences" {
	zoo unfit-init --count 3
	run --separate-stderr coroner explain "$(zoo_get '.zombies[0]')"
	[ "$status" = 0 ]
	[ "$(wc -L <<<"$output")" -le 80 ]
	[ "$(wc -l <<<"$output")" -le 40 ]
	grep -q "^remedy  *Look again with --settle=2s; if it does not reap" <<<"$output"
	grep -q "^why  *Parent $(zoo_get .parent) is the init" <<<"$output"
	run env LC_ALL=C "$CORONER" explain "$(zoo_get .parent)"
	refute env LC_ALL=C grep -qP '[^\x00-\x7f]' <<<"$output"
	[[ $output == *"=>"* ]]
}

@test "without a right: what it would show, and nothing is made up" {
	zoo sigchld-default
	JSON=$(unprivileged "$CORONER" explain --json "$(zoo_get '.zombies[0]')" 2>/dev/null)
	told doing "cannot be read.*CAP_SYS_PTRACE"
	told died "How it ended cannot be read|exited with status"
	told unseen "BPF"
	expect '.cases[0].zombie.exit == null'
}

@test "several PIDs, one of which is none" {
	zoo sigchld-default --count 2
	run coroner explain 4194304 "$(zoo_get .parent)"
	[ "$status" = 1 ]
	[[ $output == *"there is no process 4194304"* ]]
	[[ $output =~ "$(zoo_get .parent) (sigchld-default)" ]]
	json explain "$(zoo_get .parent)" "$(zoo_get '.zombies[1]')"
	expect '[.cases[].process.pid] == [$zoo.parent, $zoo.zombies[1]]'
	run coroner explain
	[ "$status" = 2 ]
}

@test "to another user: what cannot be read is not denied, what may not be sent is said" {
	needs setpriv
	zoo waits --how wstopped --thread --count 1
	run setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$CORONER" explain "$(zoo_get .parent)"
	output=$(tr -s " \n" " " <<<"$output")
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output != *"waits for children or signals"* ]]
	[[ $output == *"CAP_KILL is missing"* ]]
}

@test "a kernel thread has a case, too" {
	local thread
	thread=$(ps -o pid= --ppid 2 | head -n 1)
	[ -n "$thread" ] || skip "no kernel threads in sight"
	run coroner explain "$((thread))"
	[ "$status" -eq 0 ]
	[[ $output == *"makes all threads of the kernel"* ]]
	run coroner explain --json "$((thread))" $$
	[ "$status" -eq 0 ]
}
