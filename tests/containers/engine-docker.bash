# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # read by lib.bash
#
# Docker as Debian packages it, with a daemon of our own and no network at all.

RUNTIME=docker
ENGINE_CGROUPS=docker

# Options: under the engine's seccomp filter, without it; how it names the right to trace
ENGINE_FILTERED=()
ENGINE_UNFILTERED=(--security-opt seccomp=unconfined)
ENGINE_PTRACE=SYS_PTRACE

engine() {
	/usr/bin/docker -H "unix://$RUN/docker.sock" "$@"
}

engine_start() {
	inside_holder setpriv --pdeathsig TERM /usr/sbin/dockerd \
		--iptables=false --ip6tables=false --ip-forward=false --bridge=none \
		--data-root="$RUN/data" --exec-root="$RUN/exec" --pidfile="$RUN/docker.pid" \
		-H "unix://$RUN/docker.sock" >"$RUN/dockerd.log" 2>&1 3>&- &
	export DAEMON=$!
	await 30 daemon_answers || {
		tail -n 20 "$RUN/dockerd.log"
		return 1
	}
	tar -C "$RUN/rootfs" -c . | engine import - coroner-test >/dev/null
}

daemon_answers() {
	engine version >/dev/null 2>&1
}

engine_stop() {
	local left
	left=$(engine ps -aq 2>/dev/null || true)
	# shellcheck disable=SC2086 # a list of ids
	[[ -z $left ]] || engine rm -f $left >/dev/null
	end_process "$DAEMON"
}

engine_run() {
	local name=$1 options=()
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	engine run -d --name "$name" --network none "${options[@]}" coroner-test "$@" >/dev/null
}

engine_exec() {
	engine exec "$@"
}

engine_rm() {
	engine rm -f "$@" >/dev/null
}

engine_init() {
	engine inspect -f '{{.State.Pid}}' "$1"
}

engine_id() {
	engine inspect -f '{{.Id}}' "$1"
}
