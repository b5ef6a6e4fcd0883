#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2153,SC2154 # jq variables; variables shared with lib.bash

load lib
load engine-podman
load cases
load image

@test "podman: a container is known by the engine's own id" {
	case_detected
}

@test "podman: conmon is outside of the container" {
	local monitor
	container one -- /bin/sleep 1000
	monitor=$(ppid_of "$init")
	[[ $(comm_of "$monitor") == conmon ]]
	coroner_json reaper "$init"
	expect '.cases[0] | .heir.rule == "none" and
		(.ancestors[] | select(.pid == $monitor) | .comm == "conmon")' monitor "$monitor"
	coroner_json --source=bpf reaper
	expect '.reapers[] | select(.process.pid == $monitor) | .kind == "subreaper" and
		.process.container == null' monitor "$monitor"
}

@test "podman: sleep as PID 1 is an unfit init" {
	case_unfit_init /bin/sleep 1000
}

@test "podman: PID 1's own child is no question of an init" {
	case_own_child
}

@test "podman: --init reaps" {
	case_real_init --init -- /bin/sleep 1000
}

@test "podman: an orphan of an exec goes to PID 1, not to conmon" {
	case_exec_orphan
}

@test "podman: a probe of a running container" {
	case_probe
}

@test "podman: a probe of a container with --init" {
	case_probe_real_init --init -- /bin/sleep 1000
}

@test "podman: root inside, with the default rights, sees what the host sees" {
	OPTIONS=()
	case_all_seen_inside
}

@test "podman: so does a user inside" {
	OPTIONS=(--user 1000)
	case_all_seen_inside
}

@test "podman: so does root without any capability" {
	OPTIONS=(--cap-drop ALL)
	case_all_seen_inside
}

@test "podman: the image beside a neighbour and on the host says what the host says" {
	case_image
}

@test "podman: reap from the host takes them, under the engine's seccomp filter" {
	case_reap
}

@test "podman: reap from inside: refused under the filter, done by who has the rights of process 1" {
	case_reap_inside
}
