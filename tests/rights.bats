#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A user that owns nothing and has no capability: what can be seen is told, what cannot is null and
# said on standard error, and nothing unknown is shown as 0.

load lib

# poor COMMAND ARGS...: json(), but as a user that owns nothing.
poor() {
	local errors=$BATS_TEST_TMPDIR/errors
	JSON=$(unprivileged "$CORONER" --json "$@" 2>"$errors") || {
		echo "status $?: $(<"$errors")" >&2
		return 1
	}
	ERRORS=$(<"$errors")
}

setup() {
	needs_root
	needs setpriv
	# the binary must be reachable for that user
	local directory
	directory=$(mktemp -d /tmp/coroner-rights.XXXXXX)
	chmod 755 "$directory"
	cleanup rm -rf "$directory"
	cp "$CORONER" "$directory/coroner"
	chmod 755 "$directory/coroner"
	CORONER=$directory/coroner
}

@test "zombies and their parents are listed all the same" {
	zoo sigchld-default --count 3
	poor list
	expect '.source == "procfs"'
	expect 'parent | .zombies | pids == ($zoo.zombies | sort)'
	expect 'parent | .verdict.code == "sigchld-default"'
	expect 'parent | .process | .comm == "sigchld-default" and .uid == 0 and .state == "S"'
	expect 'parent | .masks.SigCgt | is_hex'
}

@test "an exit code that may not be read is null, not exited 0" {
	mkdir "$BATS_TEST_TMPDIR/cores"
	zoo exits --cores "$BATS_TEST_TMPDIR/cores"
	poor list
	expect 'parent | all(.zombies[]; .exit == null)'
}

@test "what the parent is doing may not be read: null, and the verdict is not proven" {
	zoo waits --how waitpid
	poor list
	expect 'parent | doing_is(null; null)'
	expect 'parent | .verdict.code == "sigchld-default" and .verdict.certainty == "likely"'
}

@test "the PID namespace of another user's process is null, not 0" {
	zoo sigchld-default --newpidns 1
	poor list
	expect 'parent | .process.pidns == null'
	expect 'parent | .process.ns_pids | length == 2'
}

@test "one line on standard error names the capability and what it would have shown" {
	zoo sigchld-default
	poor list
	[[ $ERRORS == *CAP_SYS_PTRACE* ]]
	[ "$(grep -c CAP_SYS_PTRACE <<<"$ERRORS")" = 1 ]
	[[ $ERRORS == *exit* ]]
	expect '.notes | type == "array" and any(test("CAP_"))'
}

@test "the note names the processes, a few of many" {
	local subject
	zoo sigchld-default --newpidns 1 --count 7
	subject=$(zoo_get .parent)
	poor signals "$subject"
	[[ $ERRORS == *" of process $subject not shown: CAP_SYS_PTRACE is missing"* ]]
	poor signals "$subject" 1
	[[ $ERRORS == *" of processes 1 and $subject not shown: CAP_SYS_PTRACE is missing"* ]]
	# the init, which is its heir, the parent itself and seven zombies
	poor explain "$subject"
	[[ $ERRORS =~ "exit status, system call".*" of processes $(zoo_get '.inits[0]'), $subject, "[0-9]+", "[0-9]+" and 5 more not shown: CAP_SYS_PTRACE is missing" ]]
	[ "$(grep -c "not shown" <<<"$ERRORS")" = 1 ]
}

# bats test_tags=machine
@test "what was refused of processes that are not asked for is not noted" {
	local command others pid
	zoo sigchld-default --count 2 # another user's
	others=$(zoo_get '.parent, .zombies[]')
	poor list
	[[ $ERRORS == *exit\ status*CAP_SYS_PTRACE* ]]
	zoo sigchld-default --uid 12321
	for command in signals "nudge --dry-run"; do
		# shellcheck disable=SC2086 # two words
		poor $command "$(zoo_get .parent)"
		[[ $ERRORS != *CAP_SYS_PTRACE* ]]
	done
	# the heir is told of as well: whether it reaps, its system call would say
	poor explain "$(zoo_get .parent)"
	[[ $ERRORS == *system\ call*\ of\ process*CAP_SYS_PTRACE* ]]
	[[ $ERRORS != *" more not shown"* ]]
	for pid in $others; do
		refute grep -w "$pid" <<<"$ERRORS"
	done
}

# What reaper says of the PID namespace of process 1, in JSON and in text.
namespace_of_1() {
	JSON=$("$@" reaper --json 2>/dev/null)
	value '.reapers[] | select(.process.pid == 1) | .process.pidns'
	"$@" reaper 2>/dev/null | awk '$1 == 1 { print $4 }'
}

@test "the PID namespace of process 1 is that of proc, though its link is refused" {
	local own
	own=$(pidns_of self)
	[ "$(namespace_of_1 unprivileged "$CORONER" --source=procfs)" = "$own"$'\n'"$own" ]
	for source in $(sources); do
		[ "$(namespace_of_1 "$CORONER" --source="$source")" = "$own"$'\n'"$own" ]
	done
	# whoever is in another one than that proc cannot tell: its own inode would be wrong
	[ "$(namespace_of_1 unshare --pid --fork setpriv --reuid=12321 --regid=12321 --clear-groups \
		--bounding-set=-all --inh-caps=-all "$CORONER" --source=procfs)" = null$'\n?' ]
}

@test "root sees all and is told of nothing missing" {
	# in a namespace of its own: the machine's init may refuse even root
	zoo sigchld-default --newpidns 1
	json list --pid-ns="$(zoo_get .parent)"
	[[ $ERRORS != *CAP_SYS_PTRACE* ]]
}

@test "one's own processes are seen in full without any capability" {
	zoo sigchld-default --uid 12321
	poor list
	expect 'parent | .process.uid == 12321 and .doing.syscall == "pause" and
		all(.zombies[]; .exit == {"kind": "exited", "status": 0})'
}

@test "text: what is not known is a question mark" {
	zoo waits --how waitpid
	unprivileged "$CORONER" list -z >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/errors"
	grep -w "$(zoo_get '.zombies[0]')" "$BATS_TEST_TMPDIR/out" | grep -qF '?'
	grep -q CAP_SYS_PTRACE "$BATS_TEST_TMPDIR/errors"
}

@test "masks alone do not show a wait for signals: whether a nudge helps is unknown" {
	zoo sigchld-blocked --how sigwait
	poor list
	expect 'parent | .doing.syscall == null and .verdict.certainty == "likely" and
		.verdict.nudge == "unknown" and (.verdict.why | test("could not be read"))'
	poor explain "$(zoo_get .parent)"
	expect '[.cases[0].story[] | select(.about == "nudge").text] | length == 1 and
		(.[0] | test("not known: a thread that sits in sigwait"))'
}

@test "hidepid=2: what is hidden is not there, and that is said" {
	needs unshare
	zoo sigchld-default
	JSON=$(unshare --mount sh -c '
		mount -t proc -o hidepid=2 proc /proc || exit 1
		exec setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set=-all \
			--inh-caps=-all "$0" list --json' "$CORONER" 2>"$BATS_TEST_TMPDIR/errors")
	expect '.zombies == 0 and .visible_processes < 5'
	grep -qi hidepid "$BATS_TEST_TMPDIR/errors"
}

@test "hidepid=1: processes are listed but cannot be read, and that is said" {
	zoo sigchld-default
	JSON=$(unshare --mount sh -c '
		mount -t proc -o hidepid=1 proc /proc || exit 1
		exec setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set=-all \
			--inh-caps=-all "$0" list --json' "$CORONER" 2>"$BATS_TEST_TMPDIR/errors")
	expect '.zombies == 0'
	[ -s "$BATS_TEST_TMPDIR/errors" ]
}

# A parent of root's that reaps nobody, with a zombie and a live child of somebody who does not see it
hidden_family() {
	local poor=(setpriv --reuid=12321 --regid=12321 --clear-groups)
	exec 4<&0
	# it ends only once its parent is a program that never waits: a shell might have reaped it
	# shellcheck disable=SC2016 # for the inner shell
	"${poor[@]}" sh -c 'until read -r comm </proc/$PPID/comm && [ "$comm" = cat ]; do :; done' &
	local zombie=$!
	"${poor[@]}" cat <&4 >/dev/null &
	echo "{\"parent\": $$, \"zombie\": $zombie, \"child\": $!}"
	exec cat >/dev/null
}

is_zombie() {
	grep -q '^State:.Z' "/proc/$1/status"
}

is_cat() {
	[ "$(<"/proc/$1/comm")" = cat ]
}

# hidden ARGS...: json(), as somebody from whom proc hides the processes of others
hidden() {
	local errors=$BATS_TEST_TMPDIR/errors
	# shellcheck disable=SC2016 # for the inner shell
	JSON=$(unshare --mount sh -c 'mount -t proc -o hidepid=2 proc /proc && exec "$@"' sh \
		setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set=-all --inh-caps=-all \
		"$CORONER" --json "$@" 2>"$errors")
}

@test "hidepid=2: a hidden parent is named, and is not taken for one outside" {
	needs unshare
	export -f hidden_family
	zoo_start bash -c hidden_family
	await is_zombie "$(zoo_get .zombie)"
	await is_cat "$(zoo_get .child)"
	hidden list
	expect '.parents[] | select(.zombies[0].pid == $zoo.zombie) | .verdict | .code == "unknown"
		and (.why | test("parent \($zoo.parent) is not in sight"))
		and (.remedy | test("CAP_SYS_PTRACE"))'
	hidden reaper "$(zoo_get .child)"
	expect '.cases[0].heir | .certainty == "inferred" and (.evidence | test("process \($zoo.parent) above it"))'
	hidden explain "$(zoo_get .child)"
	expect '[.. | strings | select(test("\($zoo.parent) \\(not in sight\\)"))] | length > 0'
}

@test "hidepid=2: numbers and users of which some are hidden are bounds, or unknown" {
	needs unshare
	export -f hidden_family
	zoo_start bash -c hidden_family
	await is_cat "$(zoo_get .child)"
	hidden headroom "$(zoo_get .child)"
	expect '.cases[0] | .exact == false'
	expect '.cases[0].limits[] | select(.kind == "pid_max") | [.current, .headroom, .zombies] == [null, null, null]'
	expect '.cases[0].limits[] | select(.kind == "nproc") | .exact == false and .zombies == null'
}

@test "namespaces, unprivileged: what is seen is told" {
	zoo init --members 1
	poor namespaces
	expect '.namespaces | length >= 1'
	expect '[.namespaces[].pid_max | select(. == 0)] == []'
	[ -n "$ERRORS" ]
}

@test "a parent outside the PID namespace is unknown, not a crash" {
	# an exec'ed process has PPID 0 inside: here nsenter is outside of the namespace
	zoo init --members 1
	JSON=$(nsenter --target "$(zoo_get .init)" --pid unshare --mount --propagation private sh -c '
		mount -t proc proc /proc && exec "$0" list --json' "$CORONER")
	expect '.visible_processes >= 3'
}

@test "capabilities that cannot be read are not called missing" {
	needs strace
	local call
	# each of its first calls, the library's own included
	for call in 1 2 3; do
		run strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e inject=capget:error=EPERM:when=$call "$CORONER" --version --verbose
		grep -q INJECTED "$BATS_TEST_TMPDIR/trace" || { echo "no call $call of capget"; return 1; }
		[[ $output != *missing* ]]
		[[ $status -eq 0 || $output == *"capabilities"* ]]
	done
}
