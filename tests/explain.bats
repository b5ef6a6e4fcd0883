#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner explain: every verdict's story holds its evidence and its remedy, for the zombie and for
# its parent; and processes that nothing is wrong with are told so.
# Longer than 400 lines: one file a command, and a story for each verdict.

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
		told cost "takes the place of a process|can fork no more"
		told kill "${5:-kill -TERM $(zoo_get .parent) }"
		valid explain
	done
}

@test "threads-alive" {
	zoo threads-alive
	story threads-alive "1 other thread of it still lives" \
		"wait for its other threads, or end them .kill $(zoo_get '.zombies[0]')." useless \
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
	local source how
	# the tracer is looked for among all, and named, whether it is kin or not
	for how in other stranger; do
		zoo traced --how "$how"
		story traced "Tracer $(zoo_get .tracer) holds zombie" "^Detach or end its tracer $(zoo_get .tracer) " useless
		told remedy "That alone may not do: the parent has no handler"
		# the tracer's own story
		for source in $(sources); do
			json explain --source="$source" "$(zoo_get .tracer)"
			told state "It traces zombie $(zoo_get '.zombies[0]') .traced. and has not waited for it: the parent $(zoo_get .parent) "
		done
		json explain "$(zoo_get .parent)"
		expect '[.cases[0].story[].text] | length > 5 and all(test("It traces") | not)'
		zoo_end
	done
	zoo parent-stopped --tracer
	json explain "$(zoo_get .tracer)"
	told state "It traces $(zoo_get .parent) .parent-stopped., which it holds, and which holds 1 zombie\\."
}

@test "namespace-dying" {
	zoo namespace-dying
	story namespace-dying "its init $(zoo_get .init) waits until parent $(zoo_get .parent)" \
		"^Make $(zoo_get .parent) wait for $(zoo_get '.zombies[0]'); then the PID namespace goes" "useless: there is no handler"
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

@test "what the end of a parent does to its living children, and to the one that is asked about" {
	zoo hangup
	json explain "$(zoo_get .victim)"
	told heir "Of its living children 3 end with it: 3 of SIGHUP\\."
	has_bpf || return 0
	zoo heir --pdeath 15 --children 2 --zombies 1
	json explain "$(zoo_get .victim)"
	told heir "Of its living children 2 end with it: 2 of their parent-death signals\\."
	json explain "$(zoo_get '.children[0]')"
	told parent "It gets SIGTERM once its parent ends, and ends with it\\. .*PR_SET_PDEATHSIG"
	zoo heir --pdeath 17
	json explain "$(zoo_get '.children[0]')"
	told parent "It gets SIGCHLD once its parent ends, which does not end it"
	# the zoo's zombies had asked for SIGKILL
	zoo sigchld-default
	json explain "$(zoo_get '.zombies[0]')"
	told parent "It had asked for SIGKILL at its parent's death; a dead process gets none"
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
	story parent-uninterruptible "uninterruptible sleep .state D. in vfork, until its child" \
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

# bats test_tags=machine
@test "in-flight: which no process stays in, so from a tree that looks like /proc" {
	TREE=$BATS_TEST_TMPDIR/tree
	"$TESTS/fixtures/make" in-flight "$TREE"
	ZOO_JSON='{"parent": 100, "zombies": [101]}'
	story in-flight "Thread 100 of parent 100 waits for any child: zombie 101 is being reaped as we look" \
		"^Nothing: look again" "useless: a thread of it is in a wait that takes the zombie already"
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
		"(^See|, see) why $(zoo_get .other) does not end .*must wait for every child" \
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
	told masks "SIGCHLD is ignored"
	told masks "no exit status either.*SigIgn 10000"
}

@test "sigchld-default" {
	zoo sigchld-default
	story sigchld-default "has no handler for SIGCHLD" "must wait for every child that it starts; ending [0-9]+ " \
		"useless"
	told died "exited with status 0"
}

@test "sigchld-caught" {
	zoo sigchld-caught
	story sigchld-caught "catches SIGCHLD, yet zombie .*, or has not come to it yet" "loop over waitpid" "coroner nudge $(zoo_get .parent)"
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
	told reaper "As the init of its PID namespace it adopts orphans: of its children 1 is seen to be adopted"
	told doing "rt_sigtimedwait, waiting for signals, SIGCHLD among them"
	told masks "awaited in sigtimedwait, which hides that it is blocked"
	told reaper "Not known: .*(coroner probe $(zoo_get .init) finds out|--settle=2s tells)"
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

# raised CGROUP TEXT: what is left to say of a limit of that cgroup that binds.
raised() {
	local root
	root=$(hierarchy pids)
	zoo cgroup --path "$root:$1"
	echo 3 >"$root/$1/pids.max"
	json explain "$(zoo_get .parent)"
	told left "$2"
	zoo_end
}

@test "a limit of systemd-nspawn is raised at the unit that its cgroup is of" {
	needs_root
	raised 'machine.slice/machine-my\x2ddeb.scope' \
		"raise the tightest limit that is known: systemctl set-property 'machine-my\\\\x2ddeb.scope' TasksMax=N"
	raised 'machine.slice/systemd-nspawn@deb.service/payload' \
		"raise the tightest limit that is known: systemctl set-property systemd-nspawn@deb.service TasksMax=N"
}

@test "the number of a thread is answered for its process, and that is said" {
	local source thread
	zoo sigchld-default --place threads
	for thread in "/proc/$(zoo_get .parent)/task/"*; do
		thread=${thread##*/}
	done
	[ "$thread" != "$(zoo_get .parent)" ]
	for source in $(sources); do
		json explain --source="$source" "$thread"
		expect '.cases[0].process.pid == $zoo.parent and .cases[0].verdict.code == "sigchld-default"'
		expect '.notes | any(. == "\($thread) is a thread of process \($zoo.parent): the answer is about that process")' \
			--arg thread "$thread"
		json signals --source="$source" "$thread"
		expect '.cases[0].process.pid == $zoo.parent'
		json headroom --source="$source" "$thread"
		expect '.cases[0].subject.pid == $zoo.parent'
		json reaper --source="$source" --probe "$thread"
		expect '.cases[0] | .process.pid == $zoo.parent and (.heir.why | test("made on purpose"))'
	done
}

@test "a lineage that is cut says how many are above it" {
	run -0 bash -c 'f() {
			if [ "$1" -gt 0 ]; then bash -c "$(declare -f f); f $(($1 - 1)); true"
			else "$CORONER" explain --json $$; fi
		}
		f 70'
	JSON=$output
	told lineage '^.(6|7|8|9|[1-9][0-9]).? more above. (→|->) [0-9]+ .bash. '
}

@test "text: one screen, the same sentences" {
	zoo unfit-init --count 3
	run --separate-stderr coroner explain "$(zoo_get '.zombies[0]')"
	[ "$status" = 0 ]
	[ "$(wc -L <<<"$output")" -le 80 ]
	[ "$(wc -l <<<"$output")" -le 54 ]
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

@test "to another user: the way in that would do, not one that takes nothing" {
	needs setpriv
	local parent
	zoo sigchld-default
	parent=$(zoo_get .parent)
	JSON=$(setpriv --reuid=65534 --regid=65534 --clear-groups "$CORONER" explain --json "$parent")
	told left "coroner reap --own $parent would have it collect those that are dead for a minute or longer, where that is known; as it is it refuses: "
	# it would
	coroner reap --yes --own --min-age=0 "$parent"
	[ -z "$(ps -o pid= --ppid "$parent")" ]
}

# bats test_tags=machine
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

# held HOW ENDS OPTIONS...: what explain says of the zoo's parent that reads, and what comes of following it.
held() {
	local source zombie holder
	zoo pipe-holder --how "$1" "${@:3}"
	zombie=$(zoo_get '.zombies[0]')
	holder=$(zoo_get .holder)
	for source in $(sources); do
		json explain --source="$source" "$zombie"
		told doing "sleeps in .* on fd $(zoo_get .fd)$2; $holder .pipe-holder. holds the other end.*/proc/$(zoo_get .parent)/fd/$(zoo_get .fd), /proc/$holder/fd/"
		told remedy "^Wait until $holder .pipe-holder. ends, or end it .kill $holder.: the parent reads fd "
		expect '[.cases[0].story[] | select(.about == "remedy").text | test("[Ff]ix the parent|ending it")] | any | not'
		expect '.cases[0].verdict | .certainty == "likely" and (.remedy | test("end it .kill \($zoo.holder)."))'
	done
	# the parent's own story is the same
	json explain "$(zoo_get .parent)"
	told remedy "kill $holder"
	# the list does not look for the holder, and promises nothing
	case $1 in
	pipe | fifo | socket | poll | splice)
		[[ $* == *--thread* ]] || {
			json list
			expect 'parent | .verdict | .certainty == "likely" and (.remedy | test("see who holds the other end"))'
		}
		;;
	esac
	kill -KILL "$holder" # as it says; started by the zoo
	await gone "$zombie"
	[ -e "/proc/$(zoo_get .parent)" ]
	zoo_end
}

gone() {
	[ ! -e "/proc/$1" ]
}

@test "a parent that reads a pipe to its end: who holds it, and ending that one lets it reap" {
	held pipe " .a pipe."
	held pipe " .a pipe." --session
	held pipe " .a pipe." --thread
	held fifo " .a pipe." --path "$BATS_TEST_TMPDIR/fifo"
	held splice " .a pipe."
}

@test "the same on sockets, and on several at once" {
	held socket " .a socket."
	held poll " and fd [0-9]+ .pipes."
	held select " and fd [0-9]+ .pipes."
	held epoll " and fd [0-9]+ .pipes."
}

@test "the same on a terminal: who holds its other end, by whichever name either was opened" {
	# terminals of the same numbers in another devpts are others
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts && exec "$@"' - \
		"${PYTHON:-python3}" -c 'import os, signal, sys
held = [os.openpty() for _ in range(40)]
open(sys.argv[1], "w")
signal.pause()' "$BATS_TEST_TMPDIR/opened" 3>&- &
	cleanup kill $!
	await test -e "$BATS_TEST_TMPDIR/opened"
	held pty " .the master of a terminal."
	held pts " .the master of a terminal."
}

@test "a parent that has a copy of what it reads, too: the end of who else has one does not do, and is not advised" {
	local how source
	for how in pipe pty; do
		zoo pipe-holder --how "$how" --kept
		for source in $(sources); do
			json explain --source="$source" "$(zoo_get '.zombies[0]')"
			told doing "$(zoo_get .holder) .pipe-holder. holds the other end, and who reads it has a copy, too"
			told remedy "^To end $(zoo_get .holder) .pipe-holder. alone may not do: the parent has a copy"
			expect '.cases[0].verdict | .certainty == "likely" and (.remedy | test("end it .kill") | not)'
		done
		kill -KILL "$(zoo_get .holder)" # started by the zoo
		await gone "$(zoo_get .holder)"
		[ -e "/proc/$(zoo_get '.zombies[0]')" ]
		zoo_end
	done
}

@test "what it waits for besides may wake it: no end of another is promised to do so" {
	local source
	zoo pipe-holder --how poll --also
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get '.zombies[0]')"
		told doing "sleeps in poll on fd [0-9]+ and fd [0-9]+ .pipes., among others; $(zoo_get .holder) .pipe-holder. holds the other ends. What else it waits for may have it go on before that"
		expect '[.cases[0].story[] | select(.about == "remedy").text | test("Wait until")] | any | not'
		expect '.cases[0].verdict.certainty == "likely"'
	done
}

@test "a parent that has kept the other end itself, and a pipe of its own to wake it up" {
	zoo pipe-holder --how own
	json explain "$(zoo_get '.zombies[0]')"
	told doing "on fd $(zoo_get .fd) .a pipe., whose other end it holds itself, and nobody else in sight: as far as can be seen, that never ends"
	told remedy "^Fix the parent: after the fork it must close its own copy of the other end of fd $(zoo_get .fd)"
	# which a handler of its own, or somebody who knows its name, may write to
	zoo pipe-holder --how handler
	json explain "$(zoo_get '.zombies[0]')"
	expect '[.cases[0].story[].text | test("other end|never ends")] | any | not'
	kill -USR1 "$(zoo_get .parent)" # started by the zoo
	await gone "$(zoo_get '.zombies[0]')"
	zoo pipe-holder --how named --path "$BATS_TEST_TMPDIR/named"
	json explain "$(zoo_get '.zombies[0]')"
	expect '[.cases[0].story[].text | test("other end|never ends")] | any | not'
	echo >"$BATS_TEST_TMPDIR/named"
	await gone "$(zoo_get '.zombies[0]')"
	zoo pipe-holder --how wakeup
	json explain "$(zoo_get '.zombies[0]')"
	expect '[.cases[0].story[].text | test("other end")] | any | not'
}

# threads SOURCE PATTERN...: the story and the remedy of the zoo's dead main thread.
dead_leader() {
	json explain --source="$1" "$(zoo_get '.zombies[0]')"
	told state "$2"
	told remedy "$3"
}

@test "threads that live on are named, with what they do and what helps" {
	local pid source
	for source in $(sources); do
		zoo threads-alive
		dead_leader "$source" "^Its thread [0-9]+ .threads-alive. lives on: it sleeps in pause" "or end them .kill $(zoo_get '.zombies[0]').\\."
		zoo threads-alive --block 15
		dead_leader "$source" "sleeps in pause" "kill -KILL $(zoo_get '.zombies[0]'); a plain kill does not do it"
		zoo threads-alive --catch 15
		dead_leader "$source" "sleeps in pause" "kill -KILL $(zoo_get '.zombies[0]'); a plain kill runs its handler"
	done
	# what the last one says is so
	pid=$(zoo_get '.zombies[0]')
	kill -TERM "$pid"
	kill -KILL "$pid"
	await only_zombie "$pid"
}

only_zombie() {
	grep -q '^Threads:.1$' "/proc/$1/status" || [ ! -e "/proc/$1" ]
}

@test "threads that live on in a disk that does not answer: SIGKILL is pending, and not advised again" {
	local pid source
	needs_root
	zoo threads-alive --disk "$BATS_TEST_TMPDIR"
	pid=$(zoo_get '.zombies[0]')
	kill -KILL "$pid"
	await some_thread_in_d "$pid"
	for source in $(sources); do
		dead_leader "$source" "lives on: it is in uninterruptible sleep .state D., in the kernel function .*request_wait" \
			"^Find what its thread [0-9]+ waits for, in .*SIGKILL is pending already"
		told state "^SIGKILL is pending for them already"
		expect '[.cases[0].story[] | select(.about == "remedy").text | test("kill -KILL")] | any | not'
		told kill "kill -KILL does nothing\\."
	done
	kill -KILL "$(zoo_get .disk)"
	await only_zombie "$pid"
}

@test "threads that live on in a frozen cgroup: the line that thaws them" {
	local pid source freezer=/sys/fs/cgroup/freezer command
	[ -d "$freezer" ] || skip "needs the v1 freezer at $freezer"
	needs_root
	zoo threads-alive --v1 "$freezer"
	pid=$(zoo_get '.zombies[0]')
	kill -KILL "$pid"
	for source in $(sources); do
		dead_leader "$source" "^Their cgroup is frozen" "^Thaw the cgroup of its other threads: SIGKILL is pending"
	done
	command=$(value '.cases[0].story[] | select(.about == "remedy").text' | grep -o 'echo .* > .*')
	bash -c "$command"
	await only_zombie "$pid"
}

some_thread_in_d() {
	cat /proc/"$1"/task/*/status | grep -q '^State:.D'
}

@test "of several only those that are there are told, with nothing before the first" {
	zoo exits
	run -1 --separate-stderr coroner explain 4194304 "$(zoo_get .parent)" "$(zoo_get '.zombies[0]')"
	[ "$stderr" = "coroner: there is no process 4194304" ]
	[[ $output == "who       $(zoo_get .parent) (exits)"*$'\n\n'"who       $(zoo_get '.zombies[0]') "* ]]
}

# unread FILE PID: explain PID, where reading FILE below /proc fails each time.
unread() {
	local trace=$BATS_TEST_TMPDIR/trace
	JSON=$(strace -f -qq -o "$trace" -P "/proc/$1" -e inject=read,pread64:error=EIO \
		"$CORONER" --json explain "$2" 2>"$BATS_TEST_TMPDIR/errors")
	grep -q INJECTED "$trace"
	valid explain
}

@test "what cannot be read of the parent and of a limit is said, and not left out" {
	local parent
	needs strace
	zoo sigchld-default --count 2
	parent=$(zoo_get .parent)
	unread "$parent/cmdline" "$parent"
	told who "^$parent \\(sigchld-default\\).*, its command line cannot be read\\. "
	unread "$parent/status" "$parent"
	told kill "^What kill -TERM and kill -KILL $parent from here do cannot be read\\."
	told remedy "^Run coroner where it may read the masks of $parent"
	unread sys/kernel/threads-max "$parent"
	expect '.notes | any(test("^threads-max cannot be read: how many tasks fit by it is not known"))'
	expect '.cases[0].headroom | .exact == false and .binding.kind != "threads-max"'
	told cost "^It can fork at most [0-9]+ more tasks, then "
	unread loadavg "$parent"
	expect '.notes | any(test("^how much of threads-max is in use cannot be read: how many tasks fit by it"))'
}
