# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154,SC2016 # variables of lib.bash, and of jq
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
	coroner_json namespaces --settle=2s # tail sleeps for a second at a time
	# not known of one that a line or an event may still wake
	expect '.namespaces[] | select(.init.pid == $init) | .reaps | . == "no" or . == "unknown"' init "$init"
}

# A child of the shell that it was before its exec: an init would not have helped.
case_own_child() {
	container one -- /bin/sh -c 'true & exec sleep 1000'
	await 10 zombie_count_is "$init" 1
	coroner_json list
	expect "$PARENT"' | .verdict.code == "parent-replaced" and .verdict.nudge == "useless" and
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

# What is known of process 1 and of the zombies by reading them as ptrace does, in nobody's numbers
AS=()
INSIDE_LIST='[.parents[] | {n: .process.ns_pids[-1], syscall: .doing.syscall, sigchld,
	exits: [.zombies[].exit]}] | sort'
INSIDE_VERDICTS='[.parents[].verdict | [.code, .certainty, .nudge]] | sort'
INSIDE_REAPER='[.reapers[] | select(.process.ns_pids[-1] == 1) | {reaps, zombies}]'
INSIDE_SIGNALS='[.cases[] | {masks, effects: (.effects | map_values(.own)), signalfds: (.signalfds != null)}]'

# inside ARG...: coroner in the container, its JSON in $JSON and its messages in $ERR
inside() {
	status=0
	engine_ask one "${AS[@]}" /bin/coroner --json --source=procfs "$@" >"$BATS_TEST_TMPDIR/json" \
		2>"$BATS_TEST_TMPDIR/err" || status=$?
	IN_STATUS=$status
	JSON=$(<"$BATS_TEST_TMPDIR/json")
	ERR=$(<"$BATS_TEST_TMPDIR/err")
}

# the_same FILTER WITHIN: of $JSON from the host
the_same() {
	local without
	without=$(jq -Sc "$1" <<<"$JSON")
	[[ -n $2 && $2 == "$without" ]] || {
		printf 'inside:        %s\nfrom the host: %s\nstatus inside: %s\nstderr: %s\n' \
			"$2" "$without" "$IN_STATUS" "$ERR"
		return 1
	}
}

# case_seen_inside COMMAND...: somebody in the container sees of it what is seen from the host, wherever
# `cat` shows them what process 1 does. OPTIONS are the engine's, AS is what makes them somebody else.
case_seen_inside() {
	local within verdicts
	container one "${OPTIONS[@]}" -- "${AS[@]}" "$@"
	await 10 runs "$init" "$1"
	engine_exec one "${AS[@]}" /bin/orphan 2 >/dev/null
	await 10 orphans_settled "$init"
	engine_exec one "${AS[@]}" /bin/cat /proc/1/syscall | grep -qE '^([0-9]|running)'

	inside list
	[[ $ERR != *"not shown"* ]]
	within=$(jq -Sc "$INSIDE_LIST" <<<"$JSON")
	verdicts=$(jq -Sc "$INSIDE_VERDICTS" <<<"$JSON")
	coroner_json --source=procfs --container="$id" list
	the_same "$INSIDE_LIST" "$within"
	# what crun execs stays in a session of outside, which has no number inside: who was adopted shows not
	[[ ${PODMAN_RUNTIME:-} == crun ]] || the_same "$INSIDE_VERDICTS" "$verdicts"
	inside reaper
	[[ $ERR != *"not shown"* ]]
	within=$(jq -Sc "$INSIDE_REAPER" <<<"$JSON")
	coroner_json --source=procfs --container="$id" reaper
	the_same "$INSIDE_REAPER" "$within"
	inside signals 1
	[[ $ERR != *"not shown"* ]]
	within=$(jq -Sc "$INSIDE_SIGNALS" <<<"$JSON")
	coroner_json --source=procfs signals "$init"
	the_same "$INSIDE_SIGNALS" "$within"
}

# Has process 1 become the program that it was to be?
runs() {
	[[ $(comm_of "$1") == "${2##*/}" ]]
}

# What an `orphan` left is reaped, or a zombie of process 1.
orphans_settled() {
	local child
	for child in $(children_of "$1"); do
		[[ $(comm_of "$child") != orphan ]] || grep -q '^State:.Z' "/proc/$child/status" || return 1
	done
}

# The programs of different kinds as process 1
case_all_seen_inside() {
	local program
	while read -r program; do
		# shellcheck disable=SC2086 # words
		case_seen_inside $program
		engine_rm one
		containers=()
	done <<-END
		/sbin/tini -- /bin/sleep 1000
		/bin/service
		/bin/gopher
		/bin/sleep 1000
	END
}

# case_reap: zombies of process 1 go, from the host whatever the engine's filter, and process 1 lives on.
case_reap() {
	container one "$@" -- /bin/sleep 1000
	zombies_in one 3
	coroner_json reap --yes "$init"
	[[ $status -eq 0 ]]
	expect '.parents[0] | .pid == $init and .before == 3 and .after == 0 and (.reaped | length) == 3 and
		.interrupted == "none"' init "$init"
	zombie_count_is "$init" 0
	[[ $(comm_of "$init") == sleep ]]
}

# What the test runs inside as somebody else
USER_INSIDE=(/bin/setpriv --reuid=65534 --regid=65534 --clear-groups)
SERVICE_USER=(/bin/setpriv --reuid=1000 --regid=1000 --clear-groups)

# reap_inside STATUS NAME [COMMAND…]: coroner reap 1 in the container, by way of that command; its words in $output.
reap_inside() {
	local wanted=$1 name=$2
	shift 2
	run engine_exec "$name" "$@" /bin/coroner reap --yes 1
	[[ $status -eq $wanted ]] || {
		echo "status $status: $output"
		return 1
	}
}

# Somebody in the container does it, with what rights that takes.
case_reap_inside() {
	# the engine's filter is on both: nobody in there can suspend it
	container one "${ENGINE_FILTERED[@]}" -- /bin/sleep 1000
	zombies_in one 3
	reap_inside 1 one
	[[ $output == *seccomp* ]]
	zombie_count_is "$init" 3
	# root of the container, with the same rights as process 1, needs no CAP_SYS_PTRACE; a user does
	container two "${ENGINE_UNFILTERED[@]}" -- /bin/sleep 1000
	zombies_in two 3
	reap_inside 1 two "${USER_INSIDE[@]}"
	[[ $output == *CAP_SYS_PTRACE* ]]
	zombie_count_is "$init" 3
	reap_inside 0 two
	zombie_count_is "$init" 0
	[[ $(comm_of "$init") == sleep ]]
	# root needs it where process 1 is a user's
	container three "${ENGINE_UNFILTERED[@]}" -- "${SERVICE_USER[@]}" /bin/sleep 1000
	await 10 runs "$init" sleep
	zombies_in three 3
	reap_inside 1 three
	[[ $output == *CAP_SYS_PTRACE* ]]
	zombie_count_is "$init" 3
	container four "${ENGINE_UNFILTERED[@]}" --cap-add "$ENGINE_PTRACE" -- "${SERVICE_USER[@]}" /bin/sleep 1000
	await 10 runs "$init" sleep
	zombies_in four 3
	reap_inside 0 four
	zombie_count_is "$init" 0
}
