# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # read by lib.bash
#
# containerd through ctr. The name of a container is its id.

RUNTIME=containerd
ENGINE_CGROUPS="default kubepods"

# Options: under the engine's seccomp filter, without it; how it names the right to trace
ENGINE_FILTERED=(--seccomp)
ENGINE_UNFILTERED=()
ENGINE_PTRACE=CAP_SYS_PTRACE

engine() {
	ctr --address "$RUN/containerd.sock" "$@"
}

engine_start() {
	cat >"$RUN/containerd.toml" <<-END
		version = 2
		root = "$RUN/data"
		state = "$RUN/state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		address = "$RUN/containerd.sock"
	END
	inside_holder setpriv --pdeathsig TERM containerd --config "$RUN/containerd.toml" \
		>"$RUN/containerd.log" 2>&1 3>&- &
	export DAEMON=$!
	await 30 daemon_answers || {
		tail -n 20 "$RUN/containerd.log"
		return 1
	}
}

daemon_answers() {
	engine version >/dev/null 2>&1
}

engine_stop() {
	local left
	left=$(engine containers ls -q 2>/dev/null || true)
	# shellcheck disable=SC2086 # a list of ids
	[[ -z $left ]] || engine_rm $left
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
	engine run -d "${options[@]}" --rootfs "$RUN/rootfs" "$name" "$@" 3>&-
}

engine_exec() {
	local name=$1
	shift
	engine tasks exec --exec-id "exec-$BASHPID-$RANDOM" "$name" "$@"
}

# ctr gives up opening its pipes once the process has ended, and what a brief one said is lost now and then. The root
# file system is a folder here: it says it into files of that.
engine_ask() {
	local name=$1 said=/tmp/said.$BASHPID.$RANDOM status=0
	shift
	# shellcheck disable=SC2016 # the shell's in there
	engine_exec "$name" /bin/sh -c 'exec "$@" >"$0.out" 2>"$0.err"' "$said" "$@" || status=$?
	cat "$RUN/rootfs$said.out"
	cat "$RUN/rootfs$said.err" >&2
	return $status
}

engine_rm() {
	local name
	for name; do
		engine tasks rm -f "$name" >/dev/null 2>&1 || true
		engine containers rm "$name"
	done
}

engine_init() {
	engine tasks ls | awk -v name="$1" '$1 == name { print $2 }'
}

engine_id() {
	echo "$1"
}
