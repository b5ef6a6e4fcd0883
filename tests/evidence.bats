#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Evidence that is easily taken for other evidence: signals that wait for one thread, threads that are
# stopped in a wait, reapers that are only slow, remedies that fit another case.

load lib

# told FILTER...: from every source, these hold for the entry of the zoo's parent.
told() {
	local source filter
	for source in $(sources); do
		json list --source="$source"
		for filter; do
			expect "parent | $filter"
		done
	done
}

# The sentences of the last explain that say what helps.
remedies() {
	value '.cases[0].story[] | select(.about == "remedy").text'
}

@test "SIGCHLD pending for one thread alone keeps no other from being queued: a nudge may help" {
	zoo sigchld-blocked --how private --count 2
	told '.masks | (.SigPnd | has_sigchld) and (.ShdPnd | has_sigchld | not)' \
		'.verdict.code == "sigchld-blocked" and .verdict.nudge == "may-help"' \
		'.sigchld.pending == false and .sigchld.blocked' '.zombies | length == 2'
	# and one that waits for the process does keep it: nothing would change
	zoo_end
	zoo sigchld-blocked
	told '.masks | (.ShdPnd | has_sigchld) and (.SigPnd | has_sigchld | not)' \
		'.verdict.nudge == "useless" and .sigchld.pending'
}

@test "SIGCHLD blocked for the time of a call alone: it is not said to block it, nor the call to be for ever" {
	local source
	zoo sigchld-blocked --how call
	told '.verdict | .code == "sigchld-caught" and .certainty == "likely" and .nudge == "useless" and
			(.remedy | contains("unblock") | not)' \
		'.sigchld | .blocked and .pending'
	for source in $(sources); do
		json explain --source="$source" "$(zoo_get .parent)"
		# its handler may write to the pipe that nobody else has
		[[ $(value '.cases[0].story[] | select(.about == "doing").text') != *"never ends"* ]]
		[[ $(remedies) != *"close its own copy"* ]]
		[[ $(value '.cases[0].story[] | select(.about == "masks").text') == *"perhaps for the time of this call alone"* ]]
	done
}

@test "a thread that a tracer has stopped in wait4(-1) takes nothing: not in-flight" {
	zoo stopped-wait
	# it is there, for all that its system call tells
	grep -Eq '^[0-9]+ 0xffffffff ' "/proc/$(zoo_get .parent)"/task/*/syscall
	told '.process.state == "S"' '.zombies | pids == $zoo.zombies' \
		'.verdict | .code == "sigchld-default" and .certainty == "likely" and (.why | test("could not be read"))'
	refute grep -q "None of its" <(coroner explain "$(zoo_get .parent)" 2>/dev/null)
}

@test "a thread in wait4(-1) of a process that SIGSTOP has stopped, its leader gone: not in-flight" {
	zoo stopped-wait --how job
	grep -Eq '^[0-9]+ 0xffffffff ' "/proc/$(zoo_get .parent)"/task/*/syscall
	told '.process.state == "Z"' '.zombies | pids == $zoo.zombies' '.verdict.code == "parent-stopped"'
	json signals "$(zoo_get .parent)"
	expect '.cases[0].effects.SIGTERM.own.effect == "pending"'
	# to its own parent it is a dead leader, and yet it holds one itself
	json explain "$(zoo_get .parent)"
	expect '.cases[0].story[] | select(.about == "holds") | (.text | test("it holds 1 zombie itself")) and
		(.evidence | test("parent-stopped"))'
}

@test "a reaper that comes late: likely, not proven; and nothing says that it never reaps" {
	local source init
	zoo unfit-init --how lazy
	init=$(zoo_get .parent)
	told '.verdict | .code == "unfit-init" and .certainty == "likely"' '.process.role == "init"'
	for source in $(sources); do
		json namespaces --source="$source" --pid-ns="$init"
		expect '.namespaces[0] | .init.pid == $zoo.parent and .zombies > 0 and .reaps == "unknown" and
			(.why | contains("look again later"))'
		json reaper --source="$source" --pid-ns="$init"
		expect '.reapers[] | select(.process.pid == $zoo.parent) | .zombies > 0 and .reaps == "unknown"'
		# a settle time that is longer than it is late shows it, on a busy machine too
		json list --settle=9s --source="$source" --pid-ns="$init"
		expect '.zombies == 0'
	done
}

@test "a subreaper that does not reap: its own remedy, not that of a container's init" {
	has_bpf || skip "needs BPF: /proc shows no subreapers"
	needs_root
	local root=/sys/fs/cgroup/pids id
	[ -d "$root" ] || root=/sys/fs/cgroup
	zoo unfit-init --how subreaper --count 2
	json list
	expect 'parent | .process.role == "subreaper" and .verdict.code == "unfit-init"'
	expect 'parent | .verdict.remedy | contains("subreaper") and
		(test("--init|tini|shareProcess") | not)'
	# nor does the engine's own way to an init change a subreaper below it
	id=$(container_id)
	root=$root/coroner-evidence-$UNIQUE
	mkdir -p "$root/docker-$id.scope"
	cleanup rmdir "$root/docker-$id.scope" "$root"
	echo "$(zoo_get .parent)" >"$root/docker-$id.scope/cgroup.procs"
	json explain "$(zoo_get .parent)"
	expect '.cases[0].process.container.runtime == "docker"'
	remedies | grep -q "Fix that subreaper"
	remedies | grep -q "In docker, now: docker restart $id"
	refute grep -E -e '--init|tini' <(remedies)
	# for the init of a container it is the way
	zoo_end
	zoo unfit-init --count 2
	echo "$(zoo_get .parent)" >"$root/docker-$id.scope/cgroup.procs"
	json explain "$(zoo_get .parent)"
	remedies | grep -q "In docker, for good: docker run --init"
	zoo_end
}

@test "a parent stopped under a tracer: detach that, kill -CONT would not do" {
	zoo parent-stopped --tracer
	told '.process.state == "t" and .verdict.code == "parent-stopped"' \
		'.verdict.remedy | test("detach") and (test("CONT") | not)' \
		'.verdict.why | contains("under a tracer")'
	json explain "$(zoo_get '.zombies[0]')"
	tracer=$(awk '/^TracerPid:/ { print $2 }' "/proc/$(zoo_get .parent)/status")
	remedies | grep -q "Detach or end $tracer, the tracer of the parent"
	refute grep CONT <(remedies)
	# it is as said: the signal changes nothing
	kill -CONT "$(zoo_get .parent)"
	told '.process.state == "t"'
	zoo_end
	zoo parent-stopped
	told '.verdict.remedy | contains("kill -CONT")'
}
