#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2153,SC2154 # jq variables; variables shared with lib.bash

load lib
load engine-containerd
load cases

@test "containerd: a task is known by its name" {
	case_detected
}

@test "containerd: Kubernetes' cgroup path gives the pod too" {
	local uid=3f1c0a52-7b1e-4e55-9d53-0c1f4f6f2b11
	local hex=4f5ae1db2c3f4e5d6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b
	container one --cgroup "/kubepods/besteffort/pod$uid/$hex" -- /bin/sleep 1000
	coroner_json namespaces
	expect '.namespaces[] | select(.init.pid == $init) | .container | .id == $hex and
		.pod_uid == $uid' init "$init" hex "$hex" uid "$uid"
}

@test "containerd: sleep as PID 1 is an unfit init" {
	case_unfit_init /bin/sleep 1000
}

@test "containerd: PID 1's own child is no question of an init" {
	case_own_child
}

@test "containerd: tini as PID 1 reaps" {
	case_real_init -- /sbin/tini -- /bin/sleep 1000
}

@test "containerd: an orphan of an exec goes to PID 1, not to the shim" {
	case_exec_orphan
}

@test "containerd: a probe of a running task" {
	case_probe
}

@test "containerd: a probe of a task with tini" {
	case_probe_real_init -- /sbin/tini -- /bin/sleep 1000
}

@test "containerd: root inside, with the default rights, sees what the host sees" {
	OPTIONS=()
	case_all_seen_inside
}

@test "containerd: so does a user inside" {
	OPTIONS=()
	AS=(/bin/setpriv --reuid=1000 --regid=1000 --clear-groups) # ctr run knows no --user
	case_all_seen_inside
}

@test "containerd: so does root without any capability" {
	local cap
	OPTIONS=()
	for cap in CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE \
		SYS_CHROOT KILL AUDIT_WRITE; do
		OPTIONS+=(--cap-drop "CAP_$cap")
	done
	case_all_seen_inside
}

@test "containerd: reap from the host takes them, with the engine's seccomp filter and without" {
	case_reap
	engine_rm one
	containers=()
	case_reap "${ENGINE_FILTERED[@]}"
}

@test "containerd: reap from inside: refused under the filter, done by who has the rights of process 1" {
	case_reap_inside
}

@test "containerd: the example's exec probe succeeds, and fails once zombies have piled up" {
	local probe
	mapfile -t probe < <(python3 -c 'import sys, yaml
pod = yaml.safe_load(open(sys.argv[1]))
print(*pod["spec"]["containers"][0]["livenessProbe"]["exec"]["command"], sep="\n")' "$TOP/deploy/examples/pod.yaml")
	container one -- /bin/sleep 1000
	engine_exec one "${probe[@]}"
	zombies_in one 101
	run engine_exec one "${probe[@]}"
	echo "$output"
	[[ $status -eq 1 ]]
	[[ $output == *"CORONER CRITICAL: zombies 101"* ]]
}
