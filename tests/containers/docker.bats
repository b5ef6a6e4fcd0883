#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2153,SC2154 # jq variables; variables shared with lib.bash

load lib
load engine-docker
load cases
load image

@test "docker: a container is known by the engine's own id" {
	case_detected
}

@test "docker: sleep as PID 1 is an unfit init" {
	case_unfit_init /bin/sleep 1000
}

@test "docker: tail -f /dev/null as PID 1 is an unfit init" {
	case_unfit_init /bin/tail -f /dev/null
}

@test "docker: node as PID 1 is an unfit init" {
	case_unfit_init /bin/node -e 'setInterval(() => {}, 1e6)'
}

@test "docker: node with a child of its own catches SIGCHLD, adopts in vain, and no nudge helps" {
	container one -- /bin/node -e 'require("child_process").spawn("/bin/sleep", ["1000"])'
	await 10 grep -qE '^SigCgt:.*[13579bdf]....$' "/proc/$init/status"
	zombies_in one 2
	coroner_json list
	expect "$PARENT"' | .sigchld.disposition == "caught" and .verdict.code == "unfit-init" and
		(.zombies | length) == 2 and (.zombies | all(.adopted == true))' init "$init"
	coroner_json nudge --force "$init"
	[[ $status -eq 1 ]]
	expect '.parents[0] | .pid == $init and .sent == true and .before == 2 and .after == 2 and
		.reaped == 0 and (.reason | length) > 0' init "$init"
	zombie_count_is "$init" 2
}

@test "docker: PID 1's own child is no question of an init" {
	case_own_child
}

@test "docker: --init reaps" {
	case_real_init --init -- /bin/sleep 1000
}

@test "docker: tini as PID 1 reaps" {
	case_real_init -- /sbin/tini -- /bin/sleep 1000
}

@test "docker: dumb-init as PID 1 reaps" {
	case_real_init -- /sbin/dumb-init -- /bin/sleep 1000
}

@test "docker: catatonit as PID 1 reaps" {
	case_real_init -- /sbin/catatonit -- /bin/sleep 1000
}

@test "docker: a zombie of a live parent under tini is not tini's" {
	local parent
	container one --init -- /bin/sh -c 'true & exec sleep 1000'
	parent=$(children_of "$init")
	await 10 zombie_count_is "$parent" 1
	coroner_json --container="$id" list
	expect '.zombies == 1 and (.parents[0] | .process.pid == $parent and
		.verdict.code == "parent-replaced" and .process.ns_pids[-1] != 1)' parent "$parent"
}

@test "docker: a shell that waits for any child is seen to reap" {
	container one -- /bin/sh -c 'sleep 1000; true'
	await 10 child_runs "$init" sleep
	coroner_json namespaces
	expect '.namespaces[] | select(.init.pid == $init) | .reaps == "yes"' init "$init"
}

child_runs() {
	local child
	child=$(children_of "$1")
	[[ -n $child && $(comm_of "$child") == "$2" ]]
}

@test "docker: an orphan of an exec goes to PID 1, not to containerd-shim" {
	case_exec_orphan
}

@test "docker: --pid=host leaves its orphans to containerd-shim, a subreaper" {
	local client orphan shell shim
	container one --pid=host -- /bin/sleep 1000
	shim=$(ppid_of "$init")
	[[ $(readlink "/proc/$init/ns/pid") == "$(readlink /proc/self/ns/pid)" ]]
	exec_with_child one
	coroner_json --source=procfs reaper "$shell"
	expect '.cases[0].heir.certainty == "inferred"'
	coroner_json --source=bpf reaper "$shell"
	expect '.cases[0].heir | .process.pid == $shim and .rule == "subreaper" and
		.certainty == "kernel"' shim "$shim"
	expect '.cases[0].process | .role == "process" and .container.id == $id and
		.ns_pids == [$shell]' id "$id" shell "$shell"
	end_exec "$shim"
	kill -KILL "$orphan"
}

@test "docker: --pid=container:ID shares PID 1, and each keeps its own cgroup" {
	local first first_id orphan number
	container one -- /bin/sleep 1000
	first=$init first_id=$id
	container two --pid=container:one -- /bin/sleep 1000
	[[ $(readlink "/proc/$init/ns/pid") == "$(readlink "/proc/$first/ns/pid")" ]]
	number=$(engine_exec two /bin/orphan --live 1)
	orphan=$(host_pid "$first" "$number")
	await 10 adopted_by "$orphan" "$first"

	coroner_json namespaces
	expect '[.namespaces[] | select(.container.id == $first_id)] | length == 1 and
		(.[0] | .init.pid == $first and .processes == 3)' first "$first" first_id "$first_id"
	coroner_json reaper "$init"
	expect '.cases[0] | .heir.process.pid == $first and .heir.rule == "init" and
		.process.container.id == $id' first "$first" id "$id"
	coroner_json orphans
	expect '[.orphans[] | select(.process.pid == $orphan)] | length == 1 and
		.[0].adopted_by == $first and .[0].process.container.id == $id' \
		orphan "$orphan" first "$first" id "$id"

	kill -KILL "$orphan"
	await 10 zombie_count_is "$first" 1
	coroner_json list
	expect '.parents[] | select(.process.pid == $first) | .verdict.code == "unfit-init" and
		.process.container.id == $first_id' first "$first" first_id "$first_id"
}

adopted_by() {
	[[ $(ppid_of "$1") == "$2" ]]
}

@test "docker: a paused container's parent is frozen" {
	container one -- /bin/sleep 1000
	zombies_in one 1
	engine pause one
	coroner_json list
	engine unpause one
	expect "$PARENT"' | .verdict.code == "parent-frozen" and .verdict.nudge == "unknown"' \
		init "$init"
	coroner_json list
	expect "$PARENT"'.verdict.code == "unfit-init"' init "$init"
}

@test "docker: zombies fill --pids-limit" {
	local dir
	container one --pids-limit 20 -- /bin/sleep 1000
	zombies_in one 12
	dir=$(find /sys/fs/cgroup -path "*pids*$id/pids.max" -o -path "*$id/pids.max" | head -n 1)
	dir=${dir%/pids.max}
	[[ $(<"$dir/pids.max") -eq 20 && $(<"$dir/pids.current") -eq 13 ]]
	coroner_json headroom "$init"
	expect '.cases[0] | .headroom == 7 and (.limits[.binding] | .kind == "cgroup" and .max == 20
		and .current == 13 and .zombies == 12 and .applies and (.name | contains($id)))' \
		id "$id"
	run engine_exec one /bin/orphan 12
	[[ $status -ne 0 ]]
	coroner_json headroom "$init"
	expect '.cases[0].limits[] | select(.kind == "cgroup" and (.name | contains($id))) |
		.refused >= 1' id "$id"
}

# own_cgroup CONTROLLER: the container's directory in that hierarchy.
own_cgroup() {
	find /sys/fs/cgroup -type d \( -path "*$1*/docker*$id" -o -name "docker-$id.scope" -o -path "/sys/fs/cgroup/docker/$id" \) |
		head -n 1
}

# from_a_part DIR... -- COMMAND...: runs it among the container's processes and mounts, in these cgroups, and in
# a cgroup namespace that begins there: the container's mounts show more than that.
from_a_part() {
	# shellcheck disable=SC2016 # for the inner shell
	bash -c 'while [ "$1" != -- ]; do
			echo $$ >"$1/cgroup.procs" && shift || exit
		done
		shift
		exec unshare --cgroup nsenter --mount --pid --target "$0" "$@"' "$init" "$@"
}

@test "docker: what a container's own mount of pids shows is what the next fork meets" {
	local kind pids came
	for kind in host private; do
		container "$kind" --pids-limit 20 --cgroupns="$kind" -- /bin/sleep 1000
		zombies_in "$kind" 6
		JSON=$(engine_exec "$kind" /bin/coroner --json headroom 1 2>/dev/null)
		# 1, its zombies and coroner itself
		expect '.cases[0] | .headroom == 12 and (.exact | not) and
			([.limits[] | select(.kind == "cgroup") | [.name, .max, .current]] == [["/", 20, 8]])'
		pids=$(own_cgroup pids)/part
		mkdir "$pids"
		JSON=$(from_a_part "$pids" -- /bin/coroner --json headroom 1 2>/dev/null)
		rmdir "$pids"
		# nsenter waits outside: it is in these cgroups, too
		expect '.cases[0] | .headroom == 11 and (.exact | not) and
			([.limits[] | select(.kind == "cgroup") | [.name, .max, .current]] == [["/", 20, 9]])'
		# in the place of coroner
		came=$(engine_exec "$kind" /bin/orphan --live 40 2>/dev/null | wc -l) || true
		[[ $came -eq 12 ]]
	done
}

@test "docker: a frozen part of a container is seen through its own mount of the freezer" {
	local kind freezer parent switch=freezer.state on=FROZEN off=THAWED
	for kind in host private; do
		container "$kind" --cgroupns="$kind" -- /bin/sleep 1000
		engine exec -d "$kind" /bin/sh -c 'true & exec sleep 1000'
		freezer=$(own_cgroup freezer)
		await 10 parent_inside
		mkdir "$freezer/part" "$freezer/other"
		[[ -e $freezer/part/$switch ]] || switch=cgroup.freeze on=1 off=0
		echo "$parent" >"$freezer/part/cgroup.procs"
		echo $on >"$freezer/part/$switch"
		JSON=$(engine_exec "$kind" /bin/coroner --json list 2>/dev/null)
		echo "$JSON" >"$BATS_TEST_TMPDIR/inside"
		JSON=$(from_a_part "$freezer/other" -- /bin/coroner --json list 2>/dev/null)
		engine_exec "$kind" /bin/coroner explain "$(jq '.parents[0].process.pid' <<<"$JSON")" >"$BATS_TEST_TMPDIR/story" 2>/dev/null
		echo $off >"$freezer/part/$switch"
		kill -KILL "$parent"
		expect '.parents | length == 1 and .[0].verdict.code == "parent-frozen" and .[0].verdict.certainty == "proven"'
		JSON=$(<"$BATS_TEST_TMPDIR/inside")
		expect '.parents | length == 1 and .[0].verdict.code == "parent-frozen" and .[0].verdict.certainty == "proven"'
		tr -s ' \n' ' ' <"$BATS_TEST_TMPDIR/story" | grep -qF "echo $off > /sys/fs/cgroup/"
		await 10 rmdir "$freezer/part" "$freezer/other"
	done
}

# The process of the exec, once it has its zombie, is $parent.
parent_inside() {
	local pid
	for pid in $(<"$freezer/cgroup.procs"); do
		[[ $pid == "$init" ]] || ! zombie_count_is "$pid" 1 || parent=$pid
	done
	[[ -n $parent ]]
}

@test "docker: the static file works inside, as root with the engine's default rights" {
	container one -- /bin/sleep 1000
	engine cp "$CORONER_STATIC" one:/coroner
	zombies_in one 2
	JSON=$(engine_exec one /coroner --json list 2>/dev/null)
	expect '.zombies == 2 and (.parents | length) == 1 and (.parents[0] |
		.process.pid == 1 and .process.ns_pids == [1] and .verdict.code == "unfit-init" and
		(.zombies | all(.ppid == 1 and .adopted == true)))'
	JSON=$(engine_exec one /coroner --json namespaces 2>/dev/null)
	expect '.namespaces | length == 1 and .[0].init.pid == 1'
	JSON=$(engine_exec one /coroner --json headroom 1 2>/dev/null)
	expect '.cases[0].limits | length > 0'
	run engine_exec one /coroner check -w 'zombies=0' -c 'zombies=1'
	[[ $status -eq 2 ]]
}

@test "docker: the static file works inside with no rights at all, and names what it lacks" {
	container one --cap-drop ALL -- /bin/sleep 1000
	engine cp "$CORONER_STATIC" one:/coroner
	zombies_in one 2
	JSON=$(engine_exec -u 65534:65534 one /coroner --json list 2>"$BATS_TEST_TMPDIR/err")
	ERR=$(<"$BATS_TEST_TMPDIR/err")
	expect '.source == "procfs" and .zombies == 2 and (.parents[0] | .process.pid == 1 and
		.verdict.code == "unfit-init" and (.zombies | all(.exit == null)))'
	[[ $ERR == *CAP_SYS_PTRACE* ]]
	[[ $ERR != *$'\n'*CAP_SYS_PTRACE*$'\n'*CAP_SYS_PTRACE* ]]
	run engine_exec -u 65534:65534 one /coroner explain 1
	[[ $status -eq 0 && $output == *unfit-init* ]]
	run engine_exec -u 65534:65534 one /coroner --source=bpf list
	[[ $status -eq 1 && $output == *CAP_BPF* ]]
}

@test "docker: the static file works with a read-only root and its own /proc alone" {
	container one --read-only --security-opt no-new-privileges \
		-v "$CORONER_STATIC:/coroner:ro" -- /bin/sleep 1000
	zombies_in one 1
	JSON=$(engine_exec one /coroner --json list 2>/dev/null)
	expect '.zombies == 1 and .parents[0].verdict.code == "unfit-init"'
}

@test "docker: a probe of a running container, from the host" {
	case_probe
}

@test "docker: a probe of a container with --init, from the host" {
	case_probe_real_init --init -- /bin/sleep 1000
}

@test "docker: a probe from inside, by exec" {
	container one -- /bin/sleep 1000
	container two --init -- /bin/sleep 1000
	engine cp "$CORONER_STATIC" one:/coroner
	engine cp "$CORONER_STATIC" two:/coroner
	probe_inside one 1
	expect '.adopter.pid == 1 and .reaped == false and (.left_behind | type) == "number"'
	probe_inside two 0
	expect '.adopter.pid == 1 and .reaped == true and .left_behind == null'
}

# probe_inside NAME STATUS
probe_inside() {
	status=0
	JSON=$(engine_exec "$1" /coroner --json probe 2>"$BATS_TEST_TMPDIR/err") || status=$?
	ERR=$(<"$BATS_TEST_TMPDIR/err")
	[[ $status -eq $2 ]] || {
		echo "status $status: $JSON $ERR"
		return 1
	}
}

@test "docker: root inside, with the default rights, sees what the host sees" {
	OPTIONS=()
	case_all_seen_inside
}

@test "docker: so does a user inside" {
	OPTIONS=(--user 1000)
	case_all_seen_inside
}

@test "docker: so does root without any capability" {
	OPTIONS=(--cap-drop ALL)
	case_all_seen_inside
}

@test "docker: a container with CAP_SYS_PTRACE gets nothing of what enters it" {
	local how secret=$BATS_TEST_TMPDIR/secret log=$BATS_TEST_TMPDIR/log i
	echo 'the word is amontillado' >"$secret"
	: >"$log"
	sha256sum "$secret" "$CORONER" >"$BATS_TEST_TMPDIR/sums"
	for how in links inject hold; do
		container "$how" -i --cap-add SYS_PTRACE -v "$log:/log" -- \
			/bin/attacker --here --how "$how" --secret "$secret" --word amontillado --log /log
		await 10 lies_in_wait "$init"
		for ((i = 0; i < 20; i++)); do
			coroner_json --source=procfs headroom "$init"
			WORD=amontillado coroner_json probe --timeout=100ms "$init"
		done
	done
	grep -qa '^hit' "$log"
	run grep -a GOT "$log"
	[[ $status -eq 1 ]]
	sha256sum --quiet -c "$BATS_TEST_TMPDIR/sums"
}

# The attacker is a child of PID 1, and it looks around
lies_in_wait() {
	local child
	child=$(children_of "$1")
	[[ -n $child && $(readlink "/proc/$child/fd/"* 2>/dev/null) == *proc* ]]
}

@test "docker: the image beside a neighbour and on the host says what the host says" {
	case_image
}

@test "docker: the example's HEALTHCHECK says healthy, and unhealthy once zombies have piled up" {
	local context=$BATS_TEST_TMPDIR/context
	health_is() {
		[[ $(engine inspect -f '{{.State.Health.Status}}' one) == "$1" ]]
	}
	mkdir "$context"
	cp "$CORONER_STATIC" "$context/coroner"
	engine build -q --build-arg BASE=coroner-test -f "$TOP/deploy/examples/Dockerfile" -t checked "$context" 3>&-
	containers+=(one)
	engine run -d --name one --network none --health-interval=500ms checked /bin/sleep 1000 3>&-
	await 30 health_is healthy
	zombies_in one 101
	await 30 health_is unhealthy
	[[ $(engine inspect -f '{{(index .State.Health.Log 0).Output}}' one) == *"CORONER OK: "* ]] # after what is on standard error, or before it
}

@test "docker: reap from the host takes them, under the engine's seccomp filter" {
	case_reap
}

@test "docker: reap from inside: refused under the filter, done by who has the rights of process 1" {
	case_reap_inside
}
