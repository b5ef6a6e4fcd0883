# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables
# What the other tests rely on: without it their results mean nothing.

test_kernel_is_the_one_of_the_suite() {
	same "$(cat /vm/release)" "$(uname -r)"
}

test_cgroup_v2_alone_with_pids_controller() {
	grep -q '^cgroup2 /sys/fs/cgroup cgroup2 ' /proc/mounts
	same 0 "$(grep -c ' cgroup ' /proc/mounts)" "v1 hierarchies"
	grep -qw pids "$CGROUP/cgroup.subtree_control"
	same "0::/" "$(cat /proc/self/cgroup)" "own cgroup"
}

test_kernel_type_information_is_there() {
	[ -s /sys/kernel/btf/vmlinux ]
}

test_coroner_says_its_version() {
	coro --version
	same 0 "$STATUS"
	case $OUT in
	coroner*) ;;
	*) fail "$OUT" ;;
	esac
}
