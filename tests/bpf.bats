#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The BPF source: where it cannot be had, --source=bpf says why and auto does without; where it can,
# both sources agree and the time of death is right. (tests/unit/census_bpf.c compares the fields.)

load lib

setup() {
	needs_root
	has_bpf || skip "no BPF source: $(coroner list --source=bpf 2>&1 >/dev/null)"
}

# fails_because TEXT COMMAND...: run with a coroner after it, which must name that reason; auto must
# put the same into its notes.
fails_because() {
	local reason=$1 said
	shift
	if said=$("$@" "$CORONER" list --source=bpf 2>&1); then
		echo "BPF works with: $*" >&2
		return 1
	fi
	[[ $said == *"$reason"* ]] || {
		echo "wanted: $reason; said: $said" >&2
		return 1
	}
	JSON=$("$@" "$CORONER" list --json 2>/dev/null)
	ERRORS=
	expect '.source == "procfs"'
	expect 'any(.notes[]; contains($reason))' --arg reason "$reason"
}

@test "a missing capability is named" {
	needs setpriv
	fails_because "CAP_BPF (or CAP_SYS_ADMIN) is missing" \
		setpriv --bounding-set=-sys_admin,-bpf
	fails_because "CAP_PERFMON (or CAP_SYS_ADMIN) is missing" \
		setpriv --bounding-set=-sys_admin,-perfmon
	fails_because "CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) are missing" \
		setpriv --bounding-set=-sys_admin,-bpf,-perfmon
}

@test "CAP_BPF with CAP_PERFMON suffices, CAP_SYS_ADMIN alone too" {
	needs setpriv
	setpriv --bounding-set=-sys_admin "$CORONER" list --source=bpf
	setpriv --bounding-set=-bpf,-perfmon "$CORONER" list --source=bpf
}

@test "capabilities of a user namespace do not count" {
	unshare -Ur true || skip "no user namespaces here"
	fails_because "capabilities of a user namespace do not count" unshare -Ur
}

@test "a kernel without bpf, and a filter that forbids it" {
	fails_because "no bpf(2)" "$ZOO/without" bpf 38
	fails_because "seccomp filter or a security module forbids" "$ZOO/without" bpf 1
}

@test "a kernel without type information" {
	# the kernel does not need the file itself: only an error leads coroner to look for it
	fails_because "no /sys/kernel/btf/vmlinux" "$ZOO/without" bpf 22 \
		unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh
}

@test "zombies that died at a known time" {
	local before after
	before=$(date +%s.%N)
	zoo sigchld-default --count 5
	after=$(date +%s.%N)
	json list --source=bpf
	expect 'parent | .zombies | length == 5 and all(.[]; .dead_s != null)'
	expect '[parent.zombies[].dead_since | sub("\\.(?<f>[0-9]+)Z$"; "Z") | fromdate]
		| all(.[]; . >= ($from | tonumber | floor) - 1 and . <= ($to | tonumber))' \
		--arg from "$before" --arg to "$after"
}

@test "the dead leader of live threads is not dead yet" {
	zoo threads-alive
	json list --source=bpf
	expect '[parent.zombies[] | select(.blocker == "threads-alive")]
		| length > 0 and all(.[]; .dead_s == null and .dead_since == null)'
}

@test "numbers are those of coroner's own namespace, from inside a nested one" {
	needs unshare
	# they end with the namespace, and that with its shell
	local script='sleep 30 & unshare -pf --mount-proc sleep 30 &
		"$0" --source=bpf --json namespaces; exit $?'
	JSON=$(unshare -pf --mount-proc --kill-child sh -c "$script" "$CORONER")
	ERRORS=
	expect '.source == "bpf" and ([.namespaces[] | select(.depth == 0)] | length == 1)'
	expect '.namespaces[] | select(.depth == 0) | .init.pid == 1'
}

@test "from three namespaces deep, each around it is told, with its own pid_max" {
	printf '6.14\n%s\n' "$(uname -r)" | sort -VC || skip "needs a pid_max per namespace (6.14)"
	local outside
	limits() { jq '[.cases[0].limits[] | select(.kind == "pid_max")] | length'; }
	outside=$("$CORONER" --json --source=bpf headroom $$ | limits)
	[ "$(unshare -pf unshare -pf unshare -pf --mount-proc "$CORONER" --json --source=bpf headroom 1 | limits)" = $((outside + 3)) ]
}

@test "a user namespace that maps every ID to itself is none the less one" {
	needs_root
	needs unshare nsenter
	local inside
	unshare --user sleep infinity 3>&- &
	inside=$!
	cleanup kill -KILL "$inside"
	await eval "[ \"\$(readlink /proc/$inside/ns/user)\" != \"$(readlink /proc/self/ns/user)\" ]"
	echo "0 0 4294967295" >"/proc/$inside/uid_map"
	echo "0 0 4294967295" >"/proc/$inside/gid_map"
	run nsenter --target "$inside" --user --preserve-credentials "$CORONER" list --source=bpf
	[ "$status" = 1 ]
	[[ $output == *"capabilities of a user namespace do not count"* ]]
}

@test "a kernel without the pids controller, SMP and SCHED_INFO has all but what these bring" {
	local lacking=$BUILD/lacking/coroner
	[ -x "$lacking" ] || skip "needs $lacking (make zoo)"
	zoo unfit-init --how subreaper --count 2
	json list --source=bpf
	expect 'parent | .process.role == "subreaper" and (.zombies | all(.dead_s != null))'
	CORONER=$lacking json list --source=bpf
	expect '.source == "bpf"'
	expect 'parent | .process.role == "subreaper" and (.zombies | length == 2 and
		all(.exit.signal == "SIGKILL" or .exit.kind == "exited") and all(.dead_s == null))'
	CORONER=$lacking json headroom "$(zoo_get .parent)" --source=bpf
	expect '.cases[0].limits | any(.kind == "pid_max" and .current > 0)'
	CORONER=$lacking json orphans --source=bpf
	expect '.source == "bpf"'
}

# held_from NUMBER: KiB that `coroner watch` holds after six looks at processes that have numbers from there on; below 0:
# counted from the highest one.
held_from() {
	# shellcheck disable=SC2016
	unshare --pid --fork --mount-proc --kill-child bash -c '
		echo $(($1 < 0 ? $(</proc/sys/kernel/pid_max) + $1 : $1)) >/proc/sys/kernel/ns_last_pid
		coproc "$0" --source=bpf watch --json --interval=100ms
		for look in 1 2 3 4 5 6; do read -r _ <&"${COPROC[0]}"; done
		awk "/^RssAnon/ { print \$2 }" "/proc/$COPROC_PID/status"
		kill "$COPROC_PID"' "$CORONER" "$1"
}

@test "its memory goes by how many processes there are, not by their numbers" {
	local low high
	needs unshare
	low=$(held_from 1000)
	high=$(held_from -1000)
	echo "$low KiB, $high KiB"
	((low > 0 && high < low + 256))
}
