#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154 # variables shared with lib.bash; each test is a subshell
#
# The pods of deploy/kubernetes, container by container as containerd runs them for the kubelet: the rights, mounts,
# cgroup and limits of the manifests, beside other pods' containers, and a herd of processes (POD_HERD: how many).

load lib
load engine-containerd

POD=/kubepods/burstable/pod3f1c0a52-7b1e-4e55-9d53-0c1f4f6f2b11
NEIGHBOUR=4f5ae1db2c3f4e5d6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b

setup() {
	containers=()
	VOLUMES=$BATS_TEST_TMPDIR/volumes
	METRICS=$VOLUMES/textfile/coroner.prom
	# what RuntimeDefault is here
	SECCOMP=$BATS_TEST_TMPDIR/seccomp
	engine containers create --seccomp --rootfs "$RUN/rootfs" seccomp /bin/true
	engine containers info seccomp | jq .Spec.linux.seccomp >"$SECCOMP"
	engine containers rm seccomp
	jq -e '.syscalls | length > 0' "$SECCOMP"
	container "$NEIGHBOUR" --cgroup "/kubepods/besteffort/pod0c1f4f6f-7b1e-4e55-9d53-3f1c0a522b11/$NEIGHBOUR" -- /bin/sleep 1000
	zombies_in "$NEIGHBOUR" 3
}

# pod_container OVERLAY NAME ENTRYPOINT ROOTFS: starts that container of the overlay's pod.
pod_container() {
	kubectl kustomize "$TOP/deploy/kubernetes/$1" |
		"$BATS_TEST_DIRNAME/pod-spec" "$2" "$3" "$4" "$VOLUMES" "$SECCOMP" >"$BATS_TEST_TMPDIR/$2.json"
	containers+=("$2")
	engine run -d --config "$BATS_TEST_TMPDIR/$2.json" "$2" 3>&-
}

# An image of one program and what it needs.
image_of() { # DIR PROGRAM TO
	local program lib
	program=$(readlink -f "$(command -v "$2")")
	mkdir -p "$1"/{proc,sys,dev,tmp,textfile,host/cgroup}
	install -D -m 755 "$program" "$1$3"
	for lib in $(ldd "$program" 2>/dev/null | grep -o '/[^ ]*' || true); do
		install -D -m 755 "$lib" "$1$lib"
	done
}

# The most memory that its cgroup has held, of either version; what the limit counts.
peak() { # CONTAINER
	cat "/sys/fs/cgroup/memory$POD/$1/memory.max_usage_in_bytes" 2>/dev/null || cat "/sys/fs/cgroup$POD/$1/memory.peak"
}

# The most memory that coroner itself has held, in KiB.
held() {
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(engine_init coroner)/status"
}

# How often a process of it was killed for want of memory.
killed() { # CONTAINER
	cat "/sys/fs/cgroup/memory$POD/$1/memory.oom_control" "/sys/fs/cgroup$POD/$1/memory.events" 2>/dev/null |
		sed -n 's/^oom_kill //p'
}

# The container coroner of an overlay has written its file.
coroner_of() { # OVERLAY
	image_of "$BATS_TEST_TMPDIR/coroner" "$CORONER_STATIC" /coroner
	pod_container "$1" coroner /coroner "$BATS_TEST_TMPDIR/coroner"
	await 60 grep -qs '^# EOF' "$METRICS" || {
		engine tasks ls
		return 1
	}
	grep -qx "coroner_pid_namespace_zombies{init=\"sleep\",container=\"[a-z-]*:${NEIGHBOUR:0:12}\"} 3" "$METRICS"
}

@test "pods: with the three rights coroner sees all of the node, and the sidecar serves what it wrote" {
	local init
	coroner_of base
	grep -qx 'coroner_complete 1' "$METRICS"
	image_of "$BATS_TEST_TMPDIR/exporter" prometheus-node-exporter /bin/node_exporter
	pod_container base node-exporter /bin/node_exporter "$BATS_TEST_TMPDIR/exporter"
	init=$(engine_init node-exporter)
	served() {
		nsenter --net --target "$init" python3 -c 'import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:9117/metrics").read().decode())' >"$BATS_TEST_TMPDIR/served" 2>/dev/null
	}
	nsenter --net --target "$init" ip link set lo up
	await 30 served
	grep -q "^coroner_pid_namespace_zombies{container=\"[a-z-]*:${NEIGHBOUR:0:12}\",init=\"sleep\"} 3" "$BATS_TEST_TMPDIR/served"
	grep -qx 'node_textfile_scrape_error 0' "$BATS_TEST_TMPDIR/served"
}

@test "pods: with the three rights and no filter in the way the census is BPF's" {
	SECCOMP=
	coroner_of base
	grep -qx 'coroner_complete 1' "$METRICS"
	grep -qx 'coroner_source_info{source="bpf"} 1' "$METRICS"
}

@test "pods: the unprivileged variant sees the zombies too, as nobody, through procfs" {
	coroner_of overlays/unprivileged
	grep -qx 'coroner_source_info{source="procfs"} 1' "$METRICS"
	[ "$(stat -c %u "$METRICS")" -eq 65534 ]
}

@test "pods: the memory limit holds with a herd of processes, through BPF and procfs" {
	local limit overlay herd=${POD_HERD:-2000} filter=$SECCOMP herd_input
	coproc HERD { exec "${BENCH:-$TOP/build/bench}/herd" --zombies $((herd * 5 / 6)) --sleepers $((herd / 6)); }
	herd_input=${HERD[1]}
	read -r -u "${HERD[0]}"
	for overlay in base overlays/unprivileged; do
		SECCOMP=$filter
		[[ $overlay != base ]] || SECCOMP=
		rm -rf "$VOLUMES"
		coroner_of "$overlay"
		[ "$(sed -n 's/^coroner_visible_processes //p' "$METRICS")" -ge "$herd" ]
		limit=$(jq .linux.resources.memory.limit "$BATS_TEST_TMPDIR/coroner.json")
		# the cgroup's counts what the kernel keeps of /proc, too, until it is short of it
		echo "# $overlay: $(held) KiB of its own, $(($(peak coroner) / 1024)) of $((limit / 1024)) with the kernel's, at $herd processes, $(
			sed -n 's/^coroner_look_duration_seconds //p' "$METRICS") s" | tee /dev/fd/3
		(($(held) < limit / 2048))
		[ "$(killed coroner)" = 0 ]
		engine_rm coroner
		containers=("$NEIGHBOUR")
	done
	exec {herd_input}>&-
}
