#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# So many processes that threads share the work, each with a descriptor table of its own: they say what one alone says.
# `make check-tsan` has these run under ThreadSanitizer.

load lib

setup() {
	needs_root
	needs taskset strace
	CORES=$(taskset -pc "$BASHPID" | sed 's/.*: //')
	[[ $CORES == *[,-]* ]] || skip "needs two cores"
	# parents and all processes: enough of each for a second thread
	zoo_start "$BENCH/herd" --parents 300 --zombies 600 --sleepers 400 --orphans 20
}

# beside CORES COMMAND...: among them.
beside() {
	taskset -c "$1" nsenter --target "$(zoo_get .init)" --pid --mount "${@:2}"
}

# the_same FILTER ARGS...: what FILTER leaves of the answer is so from one thread and from several, and something.
the_same() {
	local filter=$1 one several
	shift
	one=$(beside "${CORES%%[,-]*}" "$CORONER" --json "$@" 2>/dev/null | jq -c "$filter")
	several=$(beside "$CORES" "$CORONER" --json "$@" 2>/dev/null | jq -c "$filter")
	echo "$*: $(wc -c <<<"$one") bytes of one, $(wc -c <<<"$several") of several"
	[ "$(wc -c <<<"$one")" -gt 2 ]
	[ "$one" = "$several" ]
}

@test "several threads take the census, and each has left the table of descriptors" {
	beside "$CORES" strace -f --seccomp-bpf -e trace=unshare -o "$BATS_TEST_TMPDIR/calls" \
		"$CORONER" --source=procfs list >"$BATS_TEST_TMPDIR/out"
	grep -q 'unshare(CLONE_FILES) *= 0' "$BATS_TEST_TMPDIR/calls"
	grep -q '^600 zombies under 300 parents' "$BATS_TEST_TMPDIR/out"
}

@test "parents, zombies, verdicts and command lines are the same" {
	the_same '[.parents[] | [.process.pid, .verdict.code, [.zombies[].process.pid]]] | sort' --source=procfs list
	the_same '[.parents[] | [.process.pid, .verdict.code, [.zombies[].process.pid]]] | sort' --source=procfs list -z
	beside "$CORES" "$CORONER" --source=procfs --no-headings -o pid,args list >"$BATS_TEST_TMPDIR/several"
	beside "${CORES%%[,-]*}" "$CORONER" --source=procfs --no-headings -o pid,args list >"$BATS_TEST_TMPDIR/one"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/one")" -ge 300 ]
	diff <(sort "$BATS_TEST_TMPDIR/one") <(sort "$BATS_TEST_TMPDIR/several")
	! has_bpf || the_same '[.parents[] | [.process.pid, .verdict.code]] | sort' --source=bpf list
}

@test "orphans, PID namespaces and the holders of limits are the same" {
	the_same '[.orphans[].process.pid] | sort' --source=procfs orphans
	the_same '[.namespaces[] | [.inode, .init.pid, .zombies]]' --source=procfs namespaces
	the_same '[.cases[].limits[] | select(.kind == "pid_max") | [.name, .zombies]] | sort' --source=procfs headroom 2
}
