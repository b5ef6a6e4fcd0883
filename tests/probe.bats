#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner probe: who adopts an orphan at this spot or in another PID namespace, and whether it is
# reaped; by real experiment.

load lib

# answer STATUS COMMAND...: runs a command that ends in "coroner probe --json ..." or the like.
answer() {
	local wanted=$1 status=0
	shift
	JSON=$("$@" 2>"$BATS_TEST_TMPDIR/errors") || status=$?
	ERRORS=$(<"$BATS_TEST_TMPDIR/errors")
	((status == wanted)) || {
		echo "$*: status $status, not $wanted: $JSON $ERRORS" >&2
		return 1
	}
}

# gone NAME: no process of that comm is left, waited for.
gone() {
	timeout 20 bash -c 'while grep -lqsx "$1" /proc/[0-9]*/comm; do sleep 0.05; done' - "$1"
}

@test "another namespace, whose init waits, ignores SIGCHLD, or takes it by sigwait: reaped" {
	local how init
	for how in waits ignores sigwait; do
		zoo init --how "$how"
		init=$(zoo_get .init)
		answer 0 coroner probe --json "$init"
		expect ".schema == \"coroner.probe/1\" and .pidns == $(pidns_of "$init")"
		expect ".adopter == {\"pid\": $init, \"ns_pid\": 1, \"comm\": \"init\"}"
		expect '.reaped and .left_behind == null and .reaped_after_ms >= 0 and .reaped_after_ms < 5000'
		zoo_end
	done
}

@test "an init that does not reap: status 1, and the zombie left behind exited 0" {
	zoo init --how sleeps
	answer 1 coroner probe --json --timeout=300ms "$(zoo_get .init)"
	valid probe
	expect '.adopter.pid == $zoo.init and .reaped == false and .reaped_after_ms == null'
	left=$(value .left_behind)
	[ "$(awk '{ print $3, $4 }' "/proc/$left/stat")" = "Z $(zoo_get .init)" ]
	# field 52: an adopter may act on a stranger's status
	[ "$(awk '{ print $52 }' "/proc/$left/stat")" = 0 ]
}

@test "text names the adopter, and what is left behind" {
	zoo init --how sleeps
	run coroner probe --timeout=200ms "$(zoo_get .init)"
	[ "$status" = 1 ]
	[[ $output == *"process $(zoo_get .init) (init), PID 1 inside"* ]]
	[[ $output == *"does not reap it within 200ms"* && $output == *"left behind"* ]]
	zoo init --how waits
	run coroner probe "$(zoo_get .init)"
	[ "$status" = 0 ]
	[[ $output == *"reaps it "* && $output != *"left behind"* ]]
}

@test "nested namespaces: the adopter is the init of the innermost" {
	zoo nested --depth 3
	init=$(zoo_get '.inits[-1]')
	answer 1 coroner probe --json --timeout=200ms "$init"
	expect ".adopter.pid == $init and .adopter.ns_pid == 1 and .pidns == $(pidns_of "$init")"
}

@test "under a subreaper it is that which adopts here, whether it reaps or not" {
	answer 0 "$ZOO/spot" -- "$CORONER" probe --json
	expect '.adopter.comm == "spot" and .adopter.pid == .adopter.ns_pid and .reaped'
	answer 1 "$ZOO/spot" --how holds -- "$CORONER" probe --json --timeout=300ms
	expect '.adopter.comm == "spot" and .reaped == false and .left_behind > 0'
	# it went with its parent
	timeout 20 tail --pid="$(value .left_behind)" -f /dev/null
}

@test "a subreaper outside does not adopt what is made in another namespace" {
	zoo init --how waits
	answer 0 "$ZOO/spot" --how holds -- "$CORONER" probe --json "$(zoo_get .init)"
	expect '.adopter.pid == $zoo.init and .reaped'
}

@test "entered as docker exec does: the namespace's init adopts, no /proc inside is needed" {
	zoo init --how waits
	answer 0 nsenter -t "$(zoo_get .init)" -p "$CORONER" probe --json
	expect '.adopter.pid == 1 and .adopter.ns_pid == 1 and .reaped and .pidns == null'
}

@test "as the init of a container itself it reaps its own orphan" {
	answer 0 unshare -pf --mount-proc "$CORONER" probe --json
	expect '.adopter.pid == 1 and .adopter.comm == "coroner" and .reaped'
}

@test "a PID in coroner's own namespace: the own spot is probed, and that is said" {
	answer 0 "$ZOO/spot" -- "$CORONER" probe --json $$
	expect '.adopter.comm == "spot"'
	[[ $ERRORS == *"own PID namespace"* ]]
}

@test "not even tried: why, in JSON too" {
	answer 1 coroner probe --json --procfs=/tmp
	valid probe
	expect '.reaped == false and .reaps == "unknown" and (.reason | contains("only /proc will do"))'
	expect '.notes | any(contains("only /proc will do"))'
	answer 1 coroner probe --json 4194303
	valid probe
	expect '.reason == "there is no process 4194303"'
}

@test "SIGCHLD ignored by whoever starts it changes nothing" {
	answer 0 bash -c 'trap "" CHLD; exec "$@"' - "$ZOO/spot" -- "$CORONER" probe --json
	expect '.adopter.comm == "spot" and .reaped'
}

@test "a namespace that takes no process: said, status 1, nothing hangs" {
	zoo namespace-dying
	run timeout 20 "$CORONER" probe "$(zoo_get '.init // .inits[-1]')"
	[ "$status" = 1 ]
	[[ $output == *"coroner: probe: "* ]]
	[[ $output != *"not all could be read"* ]]
}

@test "an adopter that ends, so that the kernel cleans up: it did not reap, and nothing is claimed" {
	local i
	for i in 1 2 3 4 5 6; do
		zoo init --how leaves --members 0
		answer 1 coroner probe --json "$(zoo_get .init)"
		expect '.adopter.pid == $zoo.init and .reaped == false and .reaps == "unknown"'
		expect '.reaped_after_ms == null and .left_behind == null and (.reason | contains("ended"))'
		zoo_end
	done
	zoo init --how leaves --members 0
	run coroner probe "$(zoo_get .init)"
	[ "$status" = 1 ]
	[[ $output == *"which ended meanwhile: whether it reaps is not known"* ]]
	zoo init --how leaves --members 0
	json namespaces --probe --pid-ns="$(zoo_get .init)"
	expect '[.namespaces[] | select(.why | contains("made on purpose"))] == []'
	expect '.notes | any(contains("ended meanwhile"))'
}

@test "an orphan that is stopped and had to be killed: the zombie is named" {
	local left
	zoo init --how stops --members 0
	answer 1 coroner probe --json --timeout=500ms "$(zoo_get .init)"
	expect '.reaped == false and .left_behind > 0'
	left=$(value .left_behind)
	[ "$(awk '{ print $3, $4 }' "/proc/$left/stat")" = "Z $(zoo_get .init)" ]
	# a slow init may have come too late with its stop
	[ "$(value .reaps)" = no ] || [[ $ERRORS == *"zombie $left is left behind"* ]]
}

@test "what a probe leaves shows that it was adopted: the verdict on the init stays" {
	local source left
	zoo init --how sleeps
	answer 1 coroner probe --json --timeout=200ms "$(zoo_get .init)"
	left=$(value .left_behind)
	for source in $(sources); do
		json list --source="$source"
		expect '.parents[] | select(.process.pid == $zoo.init) | .verdict.code == "unfit-init"'
		expect ".parents[] | select(.process.pid == \$zoo.init) | .zombies | map([.pid, .adopted]) == [[$left, true]]"
		JSON=$(coroner orphans --json --source="$source" --pid-ns="$(zoo_get .init)") || true
		expect ".orphans | any(.process.pid == $left)"
	done
}

@test "a second probe of an adopter that did not reap: refused, unless forced" {
	local first
	zoo init --how sleeps
	answer 1 coroner probe --json --timeout=200ms "$(zoo_get .init)"
	first=$(value .left_behind)
	answer 1 coroner probe --json --timeout=200ms "$(zoo_get .init)"
	valid probe
	expect '.reaped == false and .left_behind == null'
	expect ".reason | contains(\"zombie $first of an earlier probe\") and contains(\"--force\")"
	[[ $ERRORS == *"--force"* ]]
	[ "$(grep -lx "PPid:.$(zoo_get .init)" /proc/[0-9]*/status 2>/dev/null | wc -l)" = 2 ]
	answer 1 coroner probe --json --force --timeout=200ms "$(zoo_get .init)"
	expect ".left_behind > 0 and .left_behind != $first and .adopter.pid == \$zoo.init"
	# one that reaps may be asked as often as one likes
	zoo init --how waits
	answer 0 coroner probe --json "$(zoo_get .init)"
	answer 0 coroner probe --json "$(zoo_get .init)"
}

@test "nor does a list with --probe ask one again that has not reaped: what was found stands" {
	zoo init --how sleeps
	answer 1 coroner probe --json --timeout=200ms "$(zoo_get .init)"
	json namespaces --probe --settle=200ms --pid-ns="$(zoo_get .init)"
	expect '.namespaces[0] | .reaps == "no" and .zombies == 1'
	expect '.notes | any(contains("not probed again"))'
	json reaper --probe --settle=200ms --pid-ns="$(zoo_get .init)"
	expect '.reapers[] | select(.process.pid == $zoo.init) | .reaps == "no" and .zombies == 1'
}

@test "where coroner stands, too, a second zombie needs --force" {
	answer 1 "$ZOO/spot" --how holds -- bash -c '
		"$1" probe --json --timeout=200ms >/dev/null 2>&1
		"$1" probe --json --timeout=200ms' - "$CORONER"
	expect '.left_behind == null and (.reason | contains("earlier probe"))'
	answer 1 "$ZOO/spot" --how holds -- bash -c '
		"$1" probe --json --timeout=200ms >/dev/null 2>&1
		"$1" probe --json --timeout=200ms -f' - "$CORONER"
	expect '.left_behind > 0 and .adopter.comm == "spot"'
}

@test "a subreaper: only what is below it can ask its spot; the init is not asked in its place" {
	# shellcheck disable=SC2016
	answer 0 "$ZOO/spot" -- bash -c '"$1" probe --json "$PPID"' - "$CORONER"
	expect '.adopter.comm == "spot" and .reaped'
	has_bpf || skip "needs BPF"
	zoo heir --how subreaper
	answer 1 coroner probe --json "$(zoo_get .heir)"
	expect '.adopter.pid == null and .reaps == "unknown" and .left_behind == null'
	expect ".reason | contains(\"$(zoo_get .heir) is a subreaper\")"
	answer 1 coroner probe --json --source=procfs --timeout=200ms "$(zoo_get .heir)"
	expect '.adopter.pid == $zoo.init and (.notes | any(contains("cannot be told from /proc")))'
}

@test "no such process, two PIDs, no number" {
	run coroner probe 4194303
	[ "$status" = 1 ]
	run coroner probe 1 2
	[ "$status" = 2 ]
	run coroner probe one
	[ "$status" = 2 ]
	run coroner probe --timeout=never
	[ "$status" = 2 ]
}

@test "namespaces --probe: the experiment outranks inference" {
	zoo init --how sigwait
	json namespaces --pid-ns="$(zoo_get .init)"
	expect '.namespaces[0].reaps == "unknown"'
	json namespaces --probe --pid-ns="$(zoo_get .init)"
	expect '.namespaces[0] | .reaps == "yes" and (.why | contains("made on purpose"))'
	zoo_end
	zoo init --how sleeps
	json namespaces --probe --pid-ns="$(zoo_get .init)"
	expect '.namespaces[0] | .reaps == "no" and (.why | contains("made on purpose"))'
	expect '.notes | any(contains("left zombie"))'
}

@test "reaper --probe: of one process, and in the list" {
	zoo init --how sigwait
	json reaper "$(zoo_get '.members[0]')"
	expect '.cases[0].heir.reaps == "unknown"'
	json reaper --probe "$(zoo_get '.members[0]')"
	expect '.cases[0].heir | .process.pid == $zoo.init and .reaps == "yes" and (.why | contains("on purpose"))'
	zoo_end
	zoo init --how sleeps
	json reaper --probe --pid-ns="$(zoo_get .init)"
	expect '.reapers[] | select(.process.pid == $zoo.init) | .reaps == "no"'
	expect '.notes | any(contains("left zombie"))'
}

@test "killed at any moment it leaves no process and no zombie of its own" {
	local name=probe-$RANDOM i pid
	cp "$CORONER" "$BATS_TEST_TMPDIR/$name"
	zoo init --how waits
	for ((i = 0; i < 60; i++)); do
		"$BATS_TEST_TMPDIR/$name" probe --timeout=500ms "$(zoo_get .init)" >/dev/null 2>&1 3>&- &
		pid=$!
		# moments between before main() and after the end
		perl -e 'select(undef, undef, undef, rand() * 0.03)'
		kill -KILL "$pid" 2>/dev/null || true # our own child
		wait "$pid" 2>/dev/null || true
	done
	gone "$name"
}

@test "killed while it watches an orphan that nobody reaps: the zombie is the adopter's alone" {
	local name=probe-$RANDOM pid
	cp "$CORONER" "$BATS_TEST_TMPDIR/$name"
	zoo init --how sleeps
	"$BATS_TEST_TMPDIR/$name" probe --timeout=30s "$(zoo_get .init)" >/dev/null 2>&1 3>&- &
	pid=$!
	timeout 20 bash -c 'until grep -qs "^Name:.$1$" $(grep -lsx "PPid:.$2" /proc/[0-9]*/status); do
		sleep 0.05; done' - \
		"$name" "$(zoo_get .init)"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	# with its namespace the zombie goes too
	zoo_end
	gone "$name"
}
