#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner explain of what is held: by a tracer, a terminal, a freezer, a disk, a core dump; and what lets it go.

load lib

# told ABOUT PATTERN: a sentence on that matches, with its evidence; from the last answer.
told() {
	expect '[.cases[-1].story[] | select(.about == $about) | "\(.text) [\(.evidence)]"]
		| any(test($pattern))' --arg about "$1" --arg pattern "$2" || {
		value '.cases[-1].story[] | "\(.about): \(.text) [\(.evidence)]"' >&2
		return 1
	}
}

# follow PATTERN: runs the command of the remedy that has this shape.
follow() {
	local command
	command=$(value '.cases[-1].story[] | select(.about == "remedy").text' | grep -oE "$1" | head -n 1)
	[ -n "$command" ]
	bash -c "$command"
}

over() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

@test "a tracer that is no kin of what it holds is told all of it" {
	local source
	zoo traced
	for source in $(sources); do
		# whatever else is asked about
		json explain --source="$source" $$ "$(zoo_get .tracer)"
		told state "It traces zombie $(zoo_get '.zombies[0]') .traced. and has not waited for it: the parent $(zoo_get .parent) .traced. cannot reap"
	done
	zoo parent-stopped --tracer --count 2
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get .tracer)"
		told state "It traces $(zoo_get .parent) .parent-stopped., which it holds, and which holds 2 zombies"
	done
	# by a thread, asked about by the number of that
	zoo parent-stopped --tracer --by-thread
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get .thread)"
		expect '.cases[0].process.pid == $zoo.tracer'
		told state "It traces $(zoo_get .parent) .parent-stopped., which it holds, and which holds 1 zombie"
	done
}

@test "stopped by its terminal: what that wants, for SIGCONT alone stops it again" {
	local source how waits
	for how in read set; do
		for waits in "" --waits; do
			# shellcheck disable=SC2086
			zoo terminal-stopped --how "$how" $waits
			for source in $(sources); do
				json explain --source="$source" "$(zoo_get '.zombies[0]')"
				told remedy "^Bring the parent to the foreground of its terminal .*kill -CONT alone stops it again at once"
			done
		done
	done
	# it does
	kill -CONT "$(zoo_get .parent)"
	await grep -q '^State:.T' "/proc/$(zoo_get .parent)/status"
	# a stop by a signal is none of that
	zoo parent-stopped
	json explain "$(zoo_get '.zombies[0]')"
	expect '[.cases[0].story[].text | test("foreground of its terminal")] | any | not'
}

# cannot_end SOURCE: what list and check say of a PID namespace that waits for a member, and of no zombie
cannot_end() {
	local scope
	scope=$(readlink "/proc/$(zoo_get .member)/ns/pid")
	scope=${scope//[^0-9]/}
	run --separate-stderr coroner list --source="$1"
	[[ $output == *"no zombies, but 1 PID namespace that cannot end"* ]]
	run --separate-stderr coroner check --source="$1" --pid-ns="$scope" -w pid_usage= -c pid_usage=
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == *"WARNING: dying_namespaces 1 |"* ]]
	[[ $output == *"1 PID namespace is torn down, and waits for members that do not end"* ]]
	# elsewhere nothing is wrong
	run --separate-stderr coroner check --source="$1" --pid-ns="$BASHPID"
	[[ ${lines[0]} != *dying_namespaces\ 1* ]]
}

@test "a dying PID namespace waits for a frozen member: the line that thaws it" {
	local source freezer=/sys/fs/cgroup/freezer subject
	[ -d "$freezer" ] || skip "needs the v1 freezer at $freezer"
	needs_root
	zoo dying-member --v1 "$freezer"
	for source in $(sources); do
		for subject in init member; do
			json explain --source="$source" "$(zoo_get ".$subject")"
			told remedy "^Thaw the cgroup of $(zoo_get .member) .dying-member., which is frozen: then it ends, and the PID namespace with it"
		done
		told state "^Its PID namespace is being torn down: the init, $(zoo_get .init) "
		json list --source="$source"
		expect '.notes | any(test("init \($zoo.init) is being torn down.*coroner explain \($zoo.init)"))'
		cannot_end "$source"
	done
	json explain "$(zoo_get .init)"
	follow 'echo THAWED > [^ ]+'
	await over "$(zoo_get .member)"
	await over "$(zoo_get .init)"
}

@test "stopped in the background as it reads a pipe: its terminal does not mind that, and SIGCONT does" {
	local source parent
	zoo terminal-stopped --how pipe
	parent=$(zoo_get .parent)
	kill -STOP "$parent" # started by the zoo
	await grep -q '^State:.T' "/proc/$parent/status"
	for source in $(sources); do
		json explain --source="$source" "$parent"
		expect '[.cases[0].story[].text] | all(test("stops it again") | not)'
		told remedy "kill -CONT $parent"
	done
	kill -CONT "$parent"
	await grep -q '^State:.S' "/proc/$parent/status"
}

@test "a zombie of a member that a dying PID namespace waits for: what holds the member, not somebody outside" {
	local source freezer=/sys/fs/cgroup/freezer
	[ -d "$freezer" ] || skip "needs the v1 freezer at $freezer"
	needs_root
	zoo dying-member --v1 "$freezer" --zombie
	for source in $(sources); do
		json list --source="$source"
		expect '.parents[] | select(.process.pid == $zoo.member).verdict
			| .code == "parent-frozen" and (.why | test("outside") | not)'
	done
	json explain "$(zoo_get .member)"
	follow 'echo THAWED > [^ ]+'
	await over "$(zoo_get .init)"
}

@test "a dying PID namespace waits for a member in a disk that does not answer: where it sleeps" {
	local source
	needs_root
	zoo dying-member --disk "$BATS_TEST_TMPDIR"
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get .init)"
		told remedy "^Find what $(zoo_get .member) .dying-member. waits for, in .*request_wait.*SIGKILL is pending"
		cannot_end "$source"
	done
	kill -KILL "$(zoo_get .disk)"
	await over "$(zoo_get .init)"
}

@test "a core that is being written is told as such" {
	local source
	needs_root
	zoo coredumping --dir "$BATS_TEST_TMPDIR"
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get .parent)"
		told state "has crashed and its core is being written .CoreDumping.: only SIGKILL reaches it"
		told kill "kill -TERM $(zoo_get .parent) from here does nothing"
	done
}

has_zombies() {
	[ "$(ps -o stat= --ppid "$1" | grep -c '^Z')" = "$2" ]
}

@test "the kernel memory that a zombie is said to cost is what the kernel charges a cgroup for it" {
	needs_root
	local group orders=$BATS_TEST_TMPDIR/orders parent before
	group=$(hierarchy memory)/coroner-test-$BASHPID
	mkdir "$group"
	cleanup await rmdir "$group"
	mkfifo "$orders"
	# shellcheck disable=SC2016
	bash -c 'echo $$ >"$1/cgroup.procs"; exec "$2" "$3" sleep infinity' _ "$group" "$ZOO/adopts" "$orders" 3>&- &
	parent=$!
	cleanup eval "kill -KILL $parent; wait $parent || true"
	exec {keep}<>"$orders"
	echo 100 >&"$keep"
	await has_zombies "$parent" 100
	before=$(kernel_memory "$group")
	echo 2000 >&"$keep"
	await has_zombies "$parent" 2100
	cost=$((($(kernel_memory "$group") - before) / 2000))
	json explain "$parent"
	told left "some $((2100 * 8)) to $((2100 * 16)) KiB of kernel memory"
	echo "# $cost bytes a zombie" >&3
	# a kernel built for fewer things has a task that is smaller by some hundred bytes
	((cost > 7 * 1024 && cost < 16 * 1024))
}

@test "what is left to who may do nothing to the parent: what it costs, and the limit that binds" {
	zoo sigchld-default --count 3
	json explain "$(zoo_get .parent)"
	told left "3 zombies cost as many PIDs and some 24 to 48 KiB of kernel memory"
	told left "raise the (limit that binds|tightest limit that is known): "
	told left "coroner reap --own $(zoo_get .parent) has it collect those that are dead for a minute"
	# of what is only held it is not said
	zoo parent-stopped
	json explain "$(zoo_get .parent)"
	expect '[.cases[0].story[].about] | index("left") == null'
	# nor of one that reads first, whose own wait is to come
	zoo pipe-holder
	json explain "$(zoo_get .parent)"
	expect '[.cases[0].story[].text | test("coroner reap")] | any | not'
}

@test "an adopter is made to collect what it adopted, as its story says, and told what brings that" {
	local command
	needs_root
	zoo unfit-init --count 3
	json explain "$(zoo_get .parent)"
	told left "What brings them: 3 of them are of 3 sessions, whose leaders have ended"
	command=$(value '.cases[0].story[] | select(.about == "left").text' | grep -oE "reap [0-9]+")
	[ "$command" = "reap $(zoo_get .parent)" ]
	# shellcheck disable=SC2086
	coroner $command --yes
	[ ! -e "/proc/$(zoo_get '.zombies[0]')" ]
	[ -e "/proc/$(zoo_get .parent)" ]
}

@test "what brings the zombies of a subreaper: leftovers of one session" {
	has_bpf || skip "needs BPF: /proc shows no subreapers"
	zoo sits --how pause --count 3
	json explain "$(zoo_get .parent)"
	told left "What brings them: 3 of them are of one session, whose leader has ended"
	json explain "$(zoo_get '.zombies[0]')"
	told left "What brings them: 3 of them are of one session"
	zoo_end
	# one alone says nothing, nor do its own
	zoo sits --how pause --count 1 --own 3
	json explain "$(zoo_get .parent)"
	refute told left "What brings them"
}

@test "who ignores SIGCHLD is told what that costs; who came from outside, that it did" {
	zoo heir --how ignores
	json explain "$(zoo_get .heir)"
	told masks "its children leave no zombies, and no exit status either"
	zoo init --how waits
	JSON=$(nsenter --target "$(zoo_get .init)" --pid --mount unshare --mount --propagation private sh -c \
		"mount -t proc proc /proc && exec \"\$0\" explain --json \$\$" "$CORONER")
	told parent "PPID 0.: it was started from there, as docker exec or kubectl exec do"
}

# untold ABOUT PATTERN: no sentence on that matches.
untold() {
	expect '[.cases[-1].story[] | select(.about == $about).text | test($pattern)] | any | not' \
		--arg about "$1" --arg pattern "$2"
}

@test "one that writes its core is no kernel thread, and no fault of what its threads were doing" {
	local source
	needs_root
	# a second thread crashed while the main one read a pipe
	zoo coredumping --dir "$BATS_TEST_TMPDIR" --threads --worker
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get .parent)"
		told remedy "^Wait until the core is written, or kill -KILL $(zoo_get .parent)"
		untold remedy "pipe"
		untold doing "never ends"
		untold state "kernel thread"
		told nudge "useless: it has crashed and writes its core: the kernel drops all but SIGKILL"
		untold cost "fork"
	done
	zoo_end
	zoo coredumping --dir "$BATS_TEST_TMPDIR" --catch 17
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get .parent)"
		told nudge "useless: it has crashed and writes its core"
	done
}

@test "a subreaper that writes its core reaps nobody any more, and cannot be made to" {
	needs_root
	has_bpf || skip "needs BPF: /proc shows no subreapers"
	zoo coredumping --dir "$BATS_TEST_TMPDIR" --adopts
	json explain "$(zoo_get .parent)"
	told reaper "^Does it reap them. No: it has crashed"
	json reaper
	expect '.reapers[] | select(.process.pid == $zoo.parent) | .reaps == "no" and (.why | contains("crashed"))'
	refute grep -q "coroner reap $(zoo_get .parent)" <(coroner list)
	refute coroner reap --yes "$(zoo_get .parent)"
	[ -e "/proc/$(zoo_get '.zombies[0]')" ]
}

@test "a child that writes its core and is to die with its parent: most likely it does" {
	local parent
	needs_root
	has_bpf || skip "needs BPF: /proc shows no parent-death signals"
	zoo coredumping --dir "$BATS_TEST_TMPDIR"
	parent=$(ps -o ppid= "$(zoo_get .parent)")
	json reaper "$((parent))"
	expect '.cases[0].children[] | select(.pid == $zoo.parent) |
		[.fate, .certainty, .pdeath_signal] == ["killed", "inferred", "SIGKILL"]'
	json explain "$(zoo_get .parent)"
	told parent "It gets SIGKILL once its parent ends, and most likely ends with it. .*SIGKILL breaks that off"
	# it is not counted among those that do for certain
	json explain "$((parent))"
	told heir "^Of its living children 1 ends with it"
	kill -KILL "$parent"
	# its disk goes with the parent, too, and holds it no longer
	await over "$(zoo_get .parent)"
}

@test "a parent that its tracer holds on its way out: let go it ends, and is not to be waited for" {
	local source
	zoo exit-stop --count 2
	for source in $(sources); do
		json list --source="$source"
		expect '.parents[] | select(.process.pid == $zoo.tracee).verdict | .code == "parent-stopped" and
			.certainty == "proven" and .nudge == "useless" and (.why | contains("is ending already"))'
		json explain --source="$source" "$(zoo_get .tracee)"
		told remedy "^Detach or end $(zoo_get .tracer), the tracer .*then the parent ends, .*ending $(zoo_get .tracee) "
		untold remedy "whether the parent reaps|may not do"
		told nudge "useless: it is ending already: the kernel drops every signal"
		untold cost "fork"
	done
	kill -KILL "$(zoo_get .tracer)"
	await over "$(zoo_get .tracee)"
	zoo_end
	# one of which that is not known is told neither
	zoo exit-stop --count 2 --how exit0
	json list --source=procfs
	expect '.parents[] | select(.process.pid == $zoo.tracee).verdict | .code == "parent-stopped" and .nudge == "unknown"'
}

@test "held is the main thread alone: that is said, and not of the process" {
	local source how
	for how in held vfork; do
		zoo waits --thread --main "$how"
		for source in $(sources); do
			json explain --source="$source" "$(zoo_get .parent)"
			told state "^Its main thread is (stopped under a tracer .state t.|in uninterruptible sleep .state D.); 1 other thread of it is not"
			untold state "^It is"
			expect '.cases[0].verdict.code == "waits-for-other"'
		done
		zoo_end
	done
}

@test "a wait for any child that takes no dead ones, or not these, is told as such" {
	zoo waits --how wstopped
	json explain "$(zoo_get .parent)"
	told doing "in waitid, waiting for any child that stops or runs on, not for dead ones"
	zoo waits --how nothread
	json explain "$(zoo_get .parent)"
	told doing "in wait4, waiting for any child that this very thread started"
	zoo clone-child --how waiting
	json explain "$(zoo_get .parent)"
	told doing "in wait4, waiting for any child, |in wait4, waiting for any child\\."
}

@test "an init whose wait something holds: it is not said to reap" {
	local source
	zoo held-wait --place init
	for source in $(sources); do
		json namespaces --source="$source"
		expect '.namespaces[] | select(.init.pid == $zoo.parent) | .reaps == "unknown"'
		json explain --source="$source" "$(zoo_get .parent)"
		untold reaper "Yes"
		told nudge "useless: a thread of it is in a wait that takes the zombie already"
	done
}
