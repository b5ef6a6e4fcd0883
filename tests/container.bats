#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which container a process is in, from its cgroup path: real cgroups with the names that the
# engines give, on v1 (pids and name=systemd) and on v2.

load lib

hex=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
uid=12345678-9abc-def0-1234-56789abcdef0
uid_=12345678_9abc_def0_1234_56789abcdef0

# is RUNTIME ID [POD_UID]: a filter for the container of a process; RUNTIME * is any.
is() {
	local pod=null runtime="== \"$1\""
	[ -z "${3:-}" ] || pod="\"$3\""
	[ "$1" != '*' ] || runtime='| type == "string"'
	printf '(.runtime %s) and .id == "%s" and .pod_uid == %s' "$runtime" "$2" "$pod"
}

# container PATH FILTER [ROOT]: what is said of the container of a process in that cgroup.
container_in() {
	local filter=$1 path=$2 root paths=()
	shift 2
	for root; do
		paths+=(--path "$root:$path")
	done
	zoo cgroup "${paths[@]}"
	json list
	expect "parent | .process.container | $filter" || {
		echo "cgroup: $path below $*" >&2
		return 1
	}
	expect 'parent | .process.container | . == null or (.cgroup | contains($path))' \
		--arg path "$path"
	zoo_end
}

container() {
	needs_root
	[ ! -d /sys/fs/cgroup/pids ] ||
		container_in "$2" "$1" /sys/fs/cgroup/pids /sys/fs/cgroup/systemd
	if [ -e /sys/fs/cgroup/unified/cgroup.procs ]; then
		container_in "$2" "$1" /sys/fs/cgroup/unified
	elif [ -e /sys/fs/cgroup/cgroup.procs ]; then
		container_in "$2" "$1" /sys/fs/cgroup
	fi
}

none='. == null'

@test "docker, cgroupfs driver" {
	container "docker/$hex" "$(is docker $hex)"
}

@test "docker, systemd driver" {
	container "system.slice/docker-$hex.scope" "$(is docker $hex)"
}

@test "docker, below a slice of the operator's own" {
	container "build.slice/docker-$hex.scope" "$(is docker $hex)"
}

@test "docker, a cgroup made inside of the container" {
	container "docker/$hex/init.scope" "$(is docker $hex)"
}

@test "docker's own service is no container" {
	container "system.slice/docker.service" "$none"
}

@test "containerd in Kubernetes, systemd driver: besteffort, burstable, guaranteed" {
	local pods=kubepods.slice
	container "$pods/kubepods-besteffort.slice/kubepods-besteffort-pod$uid_.slice/cri-containerd-$hex.scope" \
		"$(is containerd $hex $uid)"
	container "$pods/kubepods-burstable.slice/kubepods-burstable-pod$uid_.slice/cri-containerd-$hex.scope" \
		"$(is containerd $hex $uid)"
	container "$pods/kubepods-pod$uid_.slice/cri-containerd-$hex.scope" \
		"$(is containerd $hex $uid)"
}

@test "Kubernetes, cgroupfs driver: besteffort, burstable, guaranteed" {
	container "kubepods/besteffort/pod$uid/$hex" "$(is '*' $hex $uid)"
	container "kubepods/burstable/pod$uid/$hex" "$(is '*' $hex $uid)"
	container "kubepods/pod$uid/$hex" "$(is '*' $hex $uid)"
}

@test "Kubernetes in a kubelet of kind, below its own slices" {
	container "kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod$uid_.slice/cri-containerd-$hex.scope" \
		"$(is containerd $hex $uid)"
}

@test "docker in Kubernetes, systemd driver" {
	container "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod$uid_.slice/docker-$hex.scope" \
		"$(is docker $hex $uid)"
}

@test "CRI-O: both drivers" {
	container "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod$uid_.slice/crio-$hex.scope" \
		"$(is cri-o $hex $uid)"
	container "kubepods/burstable/pod$uid/crio-$hex" "$(is cri-o $hex $uid)"
}

@test "CRI-O's monitor is no container" {
	container "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod$uid_.slice/crio-conmon-$hex.scope" \
		"$none"
}

@test "containerd by nerdctl or ctr" {
	container "system.slice/nerdctl-$hex.scope" "$(is containerd $hex)"
}

@test "podman: root, rootless, cgroupfs, with its inner cgroup" {
	container "machine.slice/libpod-$hex.scope" "$(is podman $hex)"
	container "user.slice/user-1000.slice/user@1000.service/user.slice/libpod-$hex.scope" \
		"$(is podman $hex)"
	container "libpod_parent/libpod-$hex" "$(is podman $hex)"
	container "machine.slice/libpod-$hex.scope/container" "$(is podman $hex)"
}

@test "podman's monitor is no container" {
	container "machine.slice/libpod-conmon-$hex.scope" "$none"
	container "libpod_parent/libpod-conmon-$hex" "$none"
}

@test "LXC: payload, the old form, a nested cgroup" {
	container "lxc.payload.web1" "$(is lxc web1)"
	container "lxc/web1" "$(is lxc web1)"
	container "lxc.payload/web1/system.slice/cron.service" "$(is lxc web1)"
	container "lxc.payload.web1/system.slice/ssh.service" "$(is lxc web1)"
}

@test "LXC's monitor is no container" {
	container "lxc.monitor.web1" "$none"
	container "lxc.monitor/web1" "$none"
}

@test "systemd-nspawn: as a machine and as a service" {
	container "machine.slice/machine-deb.scope" "$(is systemd-nspawn deb)"
	container 'machine.slice/machine-my\x2ddeb.scope' "$(is systemd-nspawn my-deb)"
	container "machine.slice/systemd-nspawn@deb.service/payload" "$(is systemd-nspawn deb)"
}

@test "a virtual machine of libvirt is no container" {
	container 'machine.slice/machine-qemu\x2d1\x2ddeb.scope' "$none"
}

@test "plain services and sessions are no containers" {
	container "system.slice/cron.service" "$none"
	container "user.slice/user-0.slice/session-3.scope" "$none"
	container "docker" "$none"
	container "lxc" "$none"
}

@test "Docker inside of Docker: the innermost container is named" {
	local inner=${hex//0/f}
	container "docker/$hex/docker/$inner" "$(is docker "$inner")"
}

@test "a zombie is said to be in its parent's container" {
	needs_root
	local root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	zoo cgroup --path "$root:docker/$hex"
	json list
	expect 'parent | .process.container == .zombies[0].container and
		.zombies[0].container.id == $hex' --arg hex "$hex"
}

@test "--container takes the beginning of an id, and nothing found is a failure" {
	needs_root
	local root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	zoo sigchld-default
	zoo cgroup --count 2 --path "$root:docker/$hex"
	json list --container=0123456789
	expect '[.parents[].process.pid] == [$zoo.parent] and .zombies == 2'
	run coroner list --container=beefbeef --json
	[ "$status" = 1 ]
}
