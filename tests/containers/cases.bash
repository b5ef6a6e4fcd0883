# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154,SC2016 # variables of lib.bash, and of jq
#
# The cases that hold for every engine; each engine's file makes tests of them.

# The engine's own name of a container is what its cgroup path says.
case_detected() {
	container one -- /bin/sleep 1000
	zombies_in one 1
	coroner_json list
	expect "$PARENT"'.process.container | .runtime == $runtime and .id == $id and
		.pod_uid == null and (.cgroup | contains($id))' init "$init" id "$id" runtime "$RUNTIME"
	expect "$PARENT"'.zombies[0].container.id == $id' init "$init" id "$id"
	coroner_json --container="${id:0:12}" list
	expect '.zombies == 1 and (.parents | length) == 1'
	coroner_json namespaces
	expect '[.namespaces[] | select(.init.pid == $init)] | length == 1 and
		(.[0] | .container.id == $id and .container.runtime == $runtime and .zombies == 1)' \
		init "$init" id "$id" runtime "$RUNTIME"
}

# A program that never waits is PID 1, and adopts what an exec left behind. Both sources see it.
case_unfit_init() {
	local source
	container one -- "$@"
	zombies_in one 3
	for source in procfs bpf; do
		coroner_json --source="$source" list
		expect '.source == $source' source "$source"
		expect "$PARENT"' | .verdict.code == "unfit-init" and .process.role == "init" and
			.process.ns_pids[-1] == 1 and (.zombies | length) == 3 and
			(.zombies | all(.adopted == true and .blocker == "none" and
				.exit.status == 0))' init "$init"
		expect "$PARENT"'.verdict.remedy | test("init")' init "$init"
	done
	coroner_json namespaces --settle=300ms
	expect '.namespaces[] | select(.init.pid == $init) | .reaps == "no"' init "$init"
}

# Its own child, born before it became what it is: an init would not have helped.
case_own_child() {
	container one -- /bin/sh -c 'true & exec sleep 1000'
	await 10 zombie_count_is "$init" 1
	coroner_json list
	expect "$PARENT"' | .verdict.code == "sigchld-default" and .verdict.nudge == "useless" and
		.zombies[0].adopted != true' init "$init"
}

# Nothing that an `orphan` left with this process is there any more, dead or alive.
orphans_ended() {
	local child
	for child in $(children_of "$1"); do
		[[ $(comm_of "$child") != orphan ]] || return 1
	done
}

# A real init reaps: nothing is left after the settle time, and an experiment says so.
case_real_init() {
	container one "$@"
	[[ $(engine_exec one /bin/orphan 5 | wc -l) -eq 5 ]]
	await 10 orphans_ended "$init"
	coroner_json --settle=300ms --container="$id" list
	expect '.zombies == 0 and .parents == []'
	coroner_json namespaces
	expect '.namespaces[] | select(.init.pid == $init) | .reaps != "no" and
		.zombies == 0' init "$init"
	coroner_json --container="$id" namespaces --probe
	expect '.namespaces[] | select(.init.pid == $init) | .reaps == "yes" and
		(.why | length > 0)' init "$init"
}

# exec_with_child NAME: a shell by exec and a child of it; their PIDs in $shell and $orphan, the
# engine's client in $client.
exec_with_child() {
	engine_exec "$1" /bin/sh -c 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $!; exec sleep 1001' \
		>"$BATS_TEST_TMPDIR/out" 3>&- &
	client=$!
	await 10 test -s "$BATS_TEST_TMPDIR/out"
	orphan=$(host_pid "$init" "$(<"$BATS_TEST_TMPDIR/out")")
	shell=$(ppid_of "$orphan")
	[[ $shell != "$init" ]]
}

# end_exec HEIR: ends that shell, and sees its child with this parent.
end_exec() {
	kill -KILL "$shell"
	await 10 adopted_from "$orphan" "$shell"
	[[ $(ppid_of "$orphan") == "$1" ]]
	wait "$client" || true
}

# An orphan of an exec goes to the container's PID 1, not to the shim outside; foretold and seen.
case_exec_orphan() {
	local client orphan shell source
	container one -- /bin/sleep 1000
	exec_with_child one
	for source in procfs bpf; do
		coroner_json --source="$source" reaper "$shell"
		expect '.source == $source and (.cases[0] |
			.heir.process.pid == $init and .heir.rule == "init" and
			(.children | map([.pid, .zombie])) == [[$orphan, false]])' \
			source "$source" init "$init" orphan "$orphan"
	done
	expect '.cases[0].heir.certainty == "kernel"'
	end_exec "$init"
	coroner_json orphans
	expect '[.orphans[] | select(.process.pid == $orphan)] | length == 1 and
		.[0].adopted_by == $init and .[0].process.container.id == $id' \
		init "$init" orphan "$orphan" id "$id"
}

adopted_from() {
	[[ $(ppid_of "$1") != "$2" ]]
}

# A probe from the host: it is adopted by PID 1, and stays.
case_probe() {
	container one -- /bin/sleep 1000
	coroner_json probe "$init"
	[[ $status -eq 1 ]]
	expect '.adopter.pid == $init and .adopter.ns_pid == 1 and .reaped == false and
		.reaped_after_ms == null and (.left_behind | type) == "number"' init "$init"
	zombie_count_is "$init" 1
	[[ $(jq .left_behind <<<"$JSON") == "$(children_of "$init" Z)" ]]
}

case_probe_real_init() {
	container one "$@"
	coroner_json probe "$init"
	[[ $status -eq 0 ]]
	expect '.adopter.pid == $init and .reaped == true and .left_behind == null and
		.reaped_after_ms >= 0' init "$init"
	zombie_count_is "$init" 0
}
