#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner nudge on real parents: who is signalled, what that changes, and who is left alone.

load lib

# answer STATUS ARGS...: runs coroner nudge, which must end with that status; the answer in $JSON.
answer() {
	local wanted=$1 status=0
	shift
	JSON=$(coroner nudge --json "$@" 2>"$BATS_TEST_TMPDIR/errors") || status=$?
	ERRORS=$(<"$BATS_TEST_TMPDIR/errors")
	((status == wanted)) || {
		echo "nudge $*: status $status, not $wanted: $JSON $ERRORS" >&2
		return 1
	}
}

# spared CODE ZOO ARGS...: that parent is not signalled, for the reason that its verdict is.
spared() {
	local code=$1 parent
	shift
	zoo "$@"
	parent=$(zoo_get .parent)
	answer 1 "$parent"
	expect '.parents | length == 1'
	expect ".parents[0] | .pid == $parent and .sent == false and .signals == 0 and .reaped == 0"
	expect '.parents[0] | .before > 0 and .after == .before and .waited_ms == 0'
	expect ".parents[0] | .reason | startswith(\"$code: \")"
}

# shared_pending PID: the signals that wait for the process
shared_pending() {
	awk '$1 == "ShdPnd:" { print $2 }' "/proc/$1/status"
}

@test "a handler that takes one child a signal: one signal each, until none is left" {
	zoo sigchld-caught --how one --count 12
	answer 0 "$(zoo_get .parent)"
	valid nudge
	expect '.parents[0] | .sent and .after == 0 and .reaped == .before and .before == ($zoo.zombies | length)'
	expect '.parents[0] | .signals == .before and .reason == null'
	expect '.parents[0] | .waited_ms > 0 and .waited_ms < 1000'
	for z in $(zoo_get '.zombies[]'); do
		[ ! -e "/proc/$z" ]
	done
}

@test "a handler that waits for nobody: sent once, nothing changed, and why" {
	zoo sigchld-caught --how nothing --count 3
	answer 1 --timeout=300ms "$(zoo_get .parent)"
	expect '.parents[0] | .sent and .signals == 1 and .before == 3 and .after == 3 and .reaped == 0'
	expect '.parents[0] | .waited_ms >= 300 and .waited_ms < 1500'
	expect '.parents[0] | .reason | contains("reaped none")'
}

@test "a signal that wakes nobody is not sent: default, ignored" {
	spared sigchld-default sigchld-default --count 2
	zoo_end
	spared sigchld-ignored sigchld-ignored
}

@test "a stopped parent is not signalled" {
	spared parent-stopped parent-stopped
}

@test "threads that live on, a tracer: not the parent's fault, not signalled" {
	spared threads-alive threads-alive
	zoo_end
	spared traced traced
}

@test "blocked with one pending already: not signalled" {
	spared sigchld-blocked sigchld-blocked
}

@test "an init that does not reap is not signalled, unless it has a handler" {
	spared unfit-init unfit-init
	zoo_end
	zoo unfit-init --how handler
	answer 1 --timeout=100ms "$(zoo_get .parent)"
	expect '.parents[0].sent'
}

@test "--force signals all the same, SIGCHLD alone: the parent lives on" {
	local parent
	zoo parent-stopped
	parent=$(zoo_get .parent)
	answer 1 --force --timeout=100ms "$parent"
	expect '.parents[0] | .sent and .after == 1 and (.reason | startswith("parent-stopped: "))'
	# a stopped process keeps what it is sent; SIGCHLD by default is dropped at once
	[ "$(shared_pending "$parent")" = 0000000000000000 ]
	[ "$(awk '{ print $3 }' "/proc/$parent/stat")" = T ]
}

@test "--dry-run says what would be sent, and sends nothing" {
	local zombies
	zoo sigchld-caught --how one --count 3
	zombies=$(zoo_get '.zombies | length')
	answer 0 --dry-run "$(zoo_get .parent)"
	expect ".dry_run and (.parents[0] | .would_send and .sent == false and .after == $zombies)"
	run coroner nudge -n "$(zoo_get .parent)"
	[[ $output == *"would send SIGCHLD"* ]]
	for z in $(zoo_get '.zombies[]'); do
		[ "$(awk '{ print $3 }' "/proc/$z/stat")" = Z ]
	done
}

@test "a process without zombies is nothing to do" {
	zoo sigchld-default
	answer 0 $$
	expect '.parents[0] | .sent == false and .before == 0 and (.reason | contains("no zombie"))'
}

# instead WORDS: nudging the zoo's first zombie says that it is one, and ends with these words.
instead() {
	answer 0 "$(zoo_get '.zombies[0]')"
	expect '.parents | length == 1'
	expect '.parents[0] | .pid == $zoo.zombies[0] and .sent == false and .signals == 0 and .before == 0'
	expect '.parents[0].reason | startswith("it is itself a zombie, which takes no signal: ")'
	expect '.parents[0].reason | endswith($words)' --arg words "$1"
}

@test "a zombie takes no signal: its parent is named, and whether a nudge of that may help" {
	local parent
	zoo sigchld-caught --how one --count 3
	parent=$(zoo_get .parent)
	instead "to be nudged is its parent (coroner nudge $parent)"
	run coroner nudge "$(zoo_get '.zombies[0]')"
	[ "$status" = 0 ]
	[[ $output == *"nothing to do"*"it is itself a zombie"*"coroner nudge $parent"* ]]
	# that is so
	answer 0 "$parent"
	expect '.parents[0] | .reaped == .before and .after == 0'
	zoo_end
	zoo sigchld-default
	instead "its parent, $(zoo_get .parent), but a nudge is useless there (sigchld-default)"
	zoo_end
	zoo parent-stopped
	instead "its parent, $(zoo_get .parent), but a nudge may do nothing there as yet (parent-stopped)"
}

@test "a zombie whose parent is outside of the PID namespace: no parent 0 is named" {
	"$TESTS/fixtures/make" no-parent "$BATS_TEST_TMPDIR/tree"
	answer 0 --dry-run --procfs="$BATS_TEST_TMPDIR/tree" 600
	expect '.parents[0].reason | contains("its parent is not in sight")'
	refute grep -qw 0 <<<"$(value '.parents[0].reason')"
}

@test "a PID that is nobody's is a failure; one named twice counts once; several at a time" {
	zoo sigchld-caught --how one --count 3
	answer 1 4194303 "$(zoo_get .parent)" "$(zoo_get .parent)"
	expect '.parents | length == 2'
	expect '.parents[0] | .pid == 4194303 and .sent == false and (.reason | contains("no such process"))'
	expect '.parents[1] | .sent and .after == 0'
	expect '.notes | any(. == "nudge: 4194303: there is no such process")'
	[[ $ERRORS == *"nudge: 4194303: there is no such process"* ]]
}

@test "in text a PID that is nobody's, or a thread's, is complained of on standard error" {
	local out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err status=0
	zoo sigchld-caught --how one --count 3
	coroner nudge 4194303 "$(zoo_get .parent)" >"$out" 2>"$err" || status=$?
	[ "$status" = 1 ]
	[ "$(<"$err")" = "coroner: nudge: 4194303: there is no such process" ]
	[ "$(wc -l <"$out")" = 1 ]
	grep -q "^$(zoo_get .parent) sigchld-caught: SIGCHLD sent" "$out"
	zoo_end
	zoo threads-alive
	local zombie thread
	zombie=$(zoo_get '.zombies[0]')
	for thread in "/proc/$zombie/task/"*; do
		thread=${thread##*/}
		[ "$thread" = "$zombie" ] || break
	done
	run coroner nudge "$thread"
	[ "$status" = 1 ]
	[ "$output" = "coroner: nudge: $thread: that is the number of a thread, not of a process" ]
}

@test "numbers given anew within a clock tick: hundreds of signals, and no stranger gets one" {
	local source
	needs_root
	for source in $(sources); do
		JSON=$(timeout -s KILL 160 "$ZOO/numbers-anew" --coroner "$CORONER" --source "$source" --signals 250)
		# how often a number was given anew within one tick is a matter of how fast the machine forks
		echo "# $source: $JSON" >&3
		expect '.parents >= 250'
		expect '.strangers == 0'
	done
}

@test "where the effect is not known: why, and that -f sends all the same" {
	zoo parent-stopped
	run coroner nudge "$(zoo_get .parent)"
	[ "$status" = 1 ]
	[[ $output == *"not signalled"*"parent-stopped: "*"what a nudge would do is not known (-f sends it all the same)"* ]]
	zoo_end
	zoo sigchld-default
	run coroner nudge "$(zoo_get .parent)"
	[[ $output == *"not signalled"*"sigchld-default: "*"a nudge is useless there"* ]]
	[[ $output != *"-f sends"* ]]
}

@test "without pidfds: they are named, nothing is sent, and a rehearsal does without" {
	local call error
	zoo sigchld-caught --how one --count 3
	for call in pidfd_open pidfd_send_signal; do
		for error in 1 38; do
			run "$ZOO/without" "$call" "$error" "$CORONER" nudge "$(zoo_get .parent)"
			[ "$status" = 1 ]
			[[ $output == "coroner: nudge: nothing can be sent without pidfds: "*"seccomp"*"pidfd_open"* ]]
		done
	done
	[ -e "/proc/$(zoo_get '.zombies[0]')" ]
	run "$ZOO/without" pidfd_open 1 "$CORONER" nudge -n "$(zoo_get .parent)"
	[ "$status" = 0 ]
	[[ $output == *"would send SIGCHLD"* ]]
}

@test "too few descriptors: that is the reason told, and none other" {
	local n first
	zoo sigchld-caught --how one --count 3
	first=$(zoo_get .parent)
	for n in 4 5 6; do
		run bash -c 'ulimit -n "$1"; exec "$2" nudge "$3"' - "$n" "$CORONER" "$first"
		[ "$status" != 0 ]
		# the dynamic linker needs some, too
		[[ $output == *"open files"* || $output == *"shared libraries"* ]]
		[[ $output != *"otherwise"* ]]
	done
	[ -e "/proc/$(zoo_get '.zombies[0]')" ]
	zoo sigchld-caught --how one --count 3
	JSON=$(ulimit -n 66 && "$CORONER" nudge --json --source=procfs "$first" "$(zoo_get .parent)" 2>/dev/null) || true
	expect '.parents[0] | .sent and .after == 0'
	expect '.parents[1] | .sent == false and .after == .before and (.reason | contains("ulimit -n"))'
}

@test "--all: on no terminal it needs --yes, and keeps to the scope" {
	zoo sigchld-caught --how one --count 3 --newpidns 1
	run coroner nudge --all </dev/null
	[ "$status" = 2 ]
	[[ $output == *--yes* ]]
	answer 0 --all --yes --pid-ns="$(zoo_get '.inits[-1]')" </dev/null
	expect '.parents | length == 1 and .[0].pid == $zoo.parent and .[0].after == 0'
}

@test "--all asks on a terminal; no is no" {
	needs script
	zoo sigchld-caught --how one --count 3 --newpidns 1
	run script -qec "$CORONER nudge --all --pid-ns=$(zoo_get '.inits[-1]')" /dev/null <<<"n"
	[ "$status" = 1 ]
	[[ $output == *"[y/N]"* && $output == *"nothing was sent"* ]]
	[ -e "/proc/$(zoo_get '.zombies[0]')" ]
}

@test "bad usage is status 2: no PID, PIDs with --all, no number, no duration" {
	for args in "" "--all --yes 1" "abc" "-5" "--timeout=soon 1" "--timeout=400d 1"; do
		# shellcheck disable=SC2086 # words on purpose
		run coroner nudge $args
		[ "$status" = 2 ]
	done
}

@test "a /proc that numbers processes otherwise is refused: nobody is signalled by it" {
	needs_root
	zoo sigchld-caught --how one --count 3 --newpidns 1
	# inside the namespace /proc still shows the numbers of outside
	run nsenter -t "$(zoo_get '.inits[-1]')" -p "$CORONER" nudge --all --yes
	[ "$status" = 1 ]
	[[ $output == *"/proc numbers processes otherwise"* ]]
	run coroner --procfs="$BATS_TEST_DIRNAME" nudge 1
	[ "$status" = 1 ]
	[ -e "/proc/$(zoo_get '.zombies[0]')" ]
}

@test "of another user: not sent, and CAP_KILL is named" {
	needs_root
	local copy
	copy=$(mktemp -d /tmp/coroner-nudge.XXXXXX)
	cleanup rm -rf "$copy"
	chmod 755 "$copy"
	cp "$CORONER" "$copy/coroner"
	zoo sigchld-caught --how one --count 3
	CORONER="$copy/coroner"
	run unprivileged "$CORONER" nudge --json "$(zoo_get .parent)"
	[ "$status" = 1 ]
	[[ $output == *CAP_KILL* ]]
	[ -e "/proc/$(zoo_get '.zombies[0]')" ]
}

@test "thousands of zombies, more than open files allow: counted all the same" {
	zoo sigchld-caught --how one --count 1500
	JSON=$(ulimit -n 256 && "$CORONER" nudge --json --timeout=60s "$(zoo_get .parent)" 2>/dev/null) || true
	expect '.parents[0] | .before > 256 and .reaped > 0 and .before - .reaped == .after'
}

@test "a rehearsal knows what may not be sent" {
	needs setpriv
	zoo sigchld-caught --count 2
	run setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$CORONER" nudge -n "$(zoo_get .parent)"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"belongs to another user: CAP_KILL is missing"* ]]
	[[ $output != *"would send"* ]]
	run coroner nudge -n "$(zoo_get .parent)"
	[ "$status" -eq 0 ]
	echo "$output"
	[[ $output == *"would send SIGCHLD for 1 zombie"* ]]
}

@test "a nudge that comes to nothing says what became of the signal, and what is next" {
	local parent
	zoo sigchld-default
	parent=$(zoo_get .parent)
	run coroner nudge -f -t 100ms "$parent"
	[ "$status" = 1 ]
	[[ $output == *"    sigchld-default: "*"; it reaped none within "*": there is no handler for SIGCHLD: the kernel drops it"* ]]
	[[ $output == *"    coroner explain $parent tells the whole story"* ]]
	zoo sigchld-caught --how nothing
	parent=$(zoo_get .parent)
	run coroner nudge -t 100ms "$parent"
	[ "$status" = 1 ]
	[[ $output == *"its handler takes other children than these, or the program has not come to it yet"* ]]
	# what has just come to nothing is not advised
	[[ $output != *"coroner nudge"* ]]
	[[ $output == *"fix the handler: loop over waitpid"*"coroner explain $parent"* ]]
	# a wait for the signal that could not be read may have taken it
	zoo sigchld-default
	parent=$(zoo_get .parent)
	run setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace "$CORONER" nudge -f -t 100ms "$parent"
	[ "$status" = 1 ]
	[[ $output == *"could not be read"*"; it reaped none within "*": what it did with the signal is not known"* ]]
	# one that adopted them without knowing may be made to collect them
	zoo unfit-init
	parent=$(zoo_get .parent)
	run coroner nudge -f -t 100ms "$parent"
	[ "$status" = 1 ]
	[[ $output == *"    coroner reap $parent has it collect now what its program never heard of"* ]]
	zoo parent-stopped
	run coroner nudge -f -t 100ms "$(zoo_get .parent)"
	[ "$status" = 1 ]
	[[ $output != *"coroner reap"* ]]
	[[ $output == *"    parent-stopped: "*": there is no handler for SIGCHLD: the kernel drops it"*"kill -CONT $(zoo_get .parent)"* ]]
}
