#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which container a process is in, from its cgroup path: real cgroups with the names that the
# engines give, on v1 (pids and name=systemd) and on v2.

bats_require_minimum_version 1.5.0
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

@test "--container: as a table prints it, and of a container in the host's PID namespace, for every command" {
	local command id
	id=$(container_id)
	zoo cgroup --path "/sys/fs/cgroup/pids:docker/$id" --count 2
	[ -d /sys/fs/cgroup/pids ] || skip "needs cgroup v1 pids"
	json list --container="docker:${id:0:12}…"
	expect '[.parents[].process.pid] == [$zoo.parent]'
	json list --container="containerd:${id:0:12}" && return 1
	json namespaces --container="${id:0:12}"
	expect ".namespaces | map(.inode) == [$(pidns_of self)]"
	coroner metrics --container="docker:${id:0:12}" >"$BATS_TEST_TMPDIR/metrics" 2>/dev/null
	grep -qx 'coroner_zombies 2' "$BATS_TEST_TMPDIR/metrics"
	grep -qx 'coroner_pid_namespaces 1' "$BATS_TEST_TMPDIR/metrics"
	json headroom --container="${id:0:12}" "$(zoo_get .parent)"
}

# commands that answer about the processes named
NAMED=(explain reaper signals headroom tree nudge probe "reap --dry-run")
# and those that look at all there is
ALL=(list "list -z" orphans headroom namespaces tree reaper "nudge --all --dry-run" "reap --all --dry-run" check metrics
	"watch --count=1" probe)

refused() { # COMMAND SCOPE PID
	# shellcheck disable=SC2086 # a command with its options
	run coroner $1 "$2" "$3"
	echo "$1 $2 $3: $status: $output"
	[ "$status" -eq 1 ]
	[[ $output == *"is not in that PID namespace or container"* ]]
	[[ $output != *"holds no zombie"* ]]
}

@test "a PID that the scope does not hold is refused in the same words" {
	needs_root
	local command id pid root=/sys/fs/cgroup/pids outside
	[ -d "$root" ] || root=/sys/fs/cgroup
	id=$(container_id)
	zoo cgroup --path "$root:docker/$id" --count 1
	outside=$(zoo_get .parent)
	zoo sigchld-default --newpidns 1 --count 1
	for command in "${NAMED[@]}"; do
		for pid in "$(zoo_get .parent)" "$(zoo_get '.zombies[0]')"; do
			refused "$command" --pid-ns="$(pidns_of self)" "$pid"
			refused "$command" --container="$id" "$pid"
		done
		refused "$command" --pid-ns="$(zoo_get .parent)" "$outside"
	done
}

# not_refused COMMAND SCOPE PID; what the command itself has against it is another question.
not_refused() {
	# shellcheck disable=SC2086 # a command with its options
	run coroner $1 "$2" "$3"
	echo "$1 $2 $3: $status: $output"
	[ "$status" -le 1 ]
	[[ $output != *"is not in that"* && $output != *"do not go with"* && $output != *"in sight"* ]]
}

@test "a PID that the scope holds is answered by every command: of a container, its zombies too" {
	needs_root
	local command id pid root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	id=$(container_id)
	zoo cgroup --path "$root:docker/$id" --count 1
	for command in "${NAMED[@]}"; do
		for pid in "$(zoo_get .parent)" "$(zoo_get '.zombies[0]')"; do
			not_refused "$command" "--container=docker:${id:0:20}" "$pid"
			not_refused "$command" "--pid-ns=$(pidns_of self)" "$pid"
		done
	done
}

@test "a scope that holds nothing is an error of every command" {
	local command
	for command in "${ALL[@]}"; do
		# shellcheck disable=SC2086 # a command with its options
		run coroner $command --container=beefbeef
		echo "$command: $status: $output"
		[ "$status" -eq "$([ "$command" = check ] && echo 3 || echo 1)" ]
		[[ $output == *"no process in sight is in a container whose id begins 'beefbeef'"* ]]
		# shellcheck disable=SC2086 # a command with its options
		run coroner $command --pid-ns=4299999999
		echo "$command: $status: $output"
		[ "$status" -eq "$([ "$command" = check ] && echo 3 || echo 1)" ]
		[[ $output == *"no process in sight is in PID namespace 4299999999"* ]]
	done
}

@test "--container: a name, where the engine's cgroup has one" {
	needs_root
	local name root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	name=web$UNIQUE
	zoo cgroup --path "$root:lxc.payload.$name" --count 1
	for name in "$name" "lxc:$name"; do
		json list --container="$name"
		expect '[.parents[].process.pid] == [$zoo.parent]'
		json headroom --container="$name" "$(zoo_get .parent)"
		expect '.cases | length == 1'
	done
}

@test "probe of a scope without a PID: its one init" {
	needs_root
	zoo unfit-init --count 1
	json namespaces
	run --separate-stderr coroner probe --json --pid-ns="$(pidns_of "$(zoo_get .parent)")"
	echo "$status $output $stderr"
	JSON=$output
	expect '.pidns == $ns' --argjson ns "$(pidns_of "$(zoo_get .parent)")"
}

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
