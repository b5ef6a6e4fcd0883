# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # read by lib.bash
#
# Podman, with state of its own. PODMAN_RUNTIME: runc or crun.

RUNTIME=podman
ENGINE_CGROUPS=libpod_parent
PODMAN_RUNTIME=${PODMAN_RUNTIME:-runc}

# Options: under the engine's seccomp filter, without it; how it names the right to trace
ENGINE_FILTERED=()
ENGINE_UNFILTERED=(--security-opt seccomp=unconfined)
ENGINE_PTRACE=SYS_PTRACE

engine() {
	inside_holder podman --root "$RUN/root" --runroot "$RUN/run" --tmpdir "$RUN/tmp" \
		--cgroup-manager cgroupfs --events-backend none --runtime "$PODMAN_RUNTIME" "$@"
}

engine_start() {
	# crun refuses a v2 hierarchy beside v1 ones when v2 has controllers; podman then uses v1.
	if [[ $PODMAN_RUNTIME == crun && -d /sys/fs/cgroup/unified ]]; then
		inside_holder umount /sys/fs/cgroup/unified
	fi
	tar -C "$RUN/rootfs" -c . | engine import - coroner-test >/dev/null 2>&1
}

engine_stop() {
	engine rm -a -f -t 0 >/dev/null 2>&1
}

engine_run() {
	local name=$1 options=()
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	# Podman would raise these limits, which takes a capability that this machine may lack.
	engine run -d --name "$name" --network none --ulimit nofile=1024:1024 \
		--ulimit nproc=10000:10000 "${options[@]}" coroner-test "$@" >/dev/null 3>&-
}

engine_exec() {
	engine exec "$@" 3>&-
}

engine_rm() {
	engine rm -f -t 0 "$@" >/dev/null
}

engine_init() {
	engine inspect -f '{{.State.Pid}}' "$1"
}

engine_id() {
	engine inspect -f '{{.Id}}' "$1"
}
