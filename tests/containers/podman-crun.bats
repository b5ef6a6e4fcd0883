#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2153,SC2154 # jq variables; variables shared with lib.bash

PODMAN_RUNTIME=crun
load lib
load engine-podman
load cases

@test "podman with crun: a container is known by the engine's own id" {
	case_detected
}

@test "podman with crun: sleep as PID 1 is an unfit init" {
	case_unfit_init /bin/sleep 1000
}

@test "podman with crun: --init reaps" {
	case_real_init --init -- /bin/sleep 1000
}

@test "podman with crun: an orphan of an exec goes to PID 1, not to conmon" {
	case_exec_orphan
}

@test "podman with crun: root inside, with the default rights, sees what the host sees" {
	OPTIONS=()
	case_all_seen_inside
}

@test "podman with crun: so does a user inside" {
	OPTIONS=(--user 1000)
	case_all_seen_inside
}

@test "podman with crun: so does root without any capability" {
	OPTIONS=(--cap-drop ALL)
	case_all_seen_inside
}

@test "podman with crun: reap from the host takes them, under the engine's seccomp filter" {
	case_reap
}

@test "podman with crun: reap from inside: refused, or done by who has the rights of process 1" {
	case_reap_inside
}
