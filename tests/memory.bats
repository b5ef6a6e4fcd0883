#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Too little memory for the cgroup that coroner is in, at every size until it is enough. There malloc(3) never fails:
# the kernel ends a process (its OOM killer), or refuses a call. So each run either answers wholly, or says why not with
# the status for that, or has been ended, and the cgroup has counted it. (What a process may map, ulimit -v, is told by
# tests/faults/run.)

bats_require_minimum_version 1.5.0
load lib

ZOMBIES=1200

setup() {
	needs_root
	ROOT_OF=$(hierarchy memory) || skip "needs a memory hierarchy of cgroups"
	BOX=$ROOT_OF/coroner-memory-$UNIQUE
	mkdir "$BOX"
	cleanup await rmdir "$BOX"
	if [ -e "$BOX/memory.limit_in_bytes" ]; then LIMIT=memory.limit_in_bytes; else LIMIT=memory.max; fi
	[ -e "$BOX/$LIMIT" ] || skip "needs the memory controller"
}

# oom_kills: how many processes the kernel has ended in there.
oom_kills() {
	cat "$BOX/memory.oom_control" "$BOX/memory.events" 2>/dev/null | sed -n 's/^oom_kill //p'
}

# allow KIB: what the run before was charged for may take a moment to be given back.
allow() {
	{ echo 1 >"$BOX/memory.force_empty"; } 2>/dev/null || true
	{ echo "$(($1 * 1024))" >"$BOX/$LIMIT"; } 2>/dev/null
}

# boxed KIB COMMAND...: in the cgroup, which has so much memory; what it wrote is in $output and $stderr. The descriptors
# are those of files: a pipe's buffers would be charged to whoever writes.
boxed() {
	await allow "$1"
	status=0
	# shellcheck disable=SC2016
	sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$BOX" "${@:2}" \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/out") stderr=$(<"$BATS_TEST_TMPDIR/err")
}

# at_every_size STATUS IS_WHOLE COMMAND...: STATUS is that of a failure; IS_WHOLE, a function, tells whether $output is
# all of the answer.
at_every_size() {
	local failure=$1 is_whole=$2 kib=128 kills enough=0 killed=0 refused=0 whole=0
	shift 2
	while ((enough < 3)); do
		((kib < 262144)) || { echo "$* never had enough"; return 1; }
		kills=$(oom_kills)
		boxed "$kib" "$@"
		if ((status == 137)); then
			killed=$((killed + 1)) enough=0
			(($(oom_kills) > kills)) || { echo "$*: $kib KiB: ended, and not for want of memory"; return 1; }
		# 126, 127: already the shell could not execute it, or the loader not load it
		elif ((status == failure || status == 126 || status == 127)) && [ -n "$stderr" ] && ! "$is_whole"; then
			refused=$((refused + 1)) enough=0
			echo "# $kib KiB: $stderr" >&3
		elif "$is_whole"; then
			whole=$((whole + 1)) enough=$((enough + 1))
		else
			echo "$*: $kib KiB: status $status: $output: $stderr"
			return 1
		fi
		kib=$((kib + kib / 3))
	done
	echo "# $*: enough with $kib KiB; ended $killed times, refused $refused, whole $whole" >&3
	((killed + refused > 0))
}

herd_beside() {
	zoo sigchld-default --count "$ZOMBIES" --newpidns 1
	NS=$(pidns_of "$(zoo_get .parent)")
}

list_is_whole() {
	((status == 0)) && jq -e --argjson n "$ZOMBIES" --argjson zoo "$ZOO_JSON" \
		'.zombies == $n and (.parents[0] | .process.pid == $zoo.parent and .verdict.code == "sigchld-default" and
			(.zombies | length) == $n)' \
		<<<"$output" >/dev/null 2>&1
}

check_is_whole() {
	((status == 2)) && [[ $output == "CORONER CRITICAL: "*"| 'zombies'=$ZOMBIES;"* ]]
}

metrics_are_whole() {
	((status == 0)) && grep -q "^coroner_zombies $ZOMBIES$" <<<"$output" && [[ $output == *"# EOF" ]]
}

headroom_is_whole() {
	((status == 0)) && jq -e '.cases[0] | .headroom > 0 and (.limits | length) > 0' <<<"$output" >/dev/null 2>&1
}

watch_is_whole() {
	((status == 0)) && jq -e --argjson n "$ZOMBIES" '.zombies == $n' <<<"$output" >/dev/null 2>&1
}

@test "list with too little memory in its cgroup" {
	local source
	herd_beside
	for source in $(sources); do
		at_every_size 1 list_is_whole "$CORONER" list --json --source="$source" --pid-ns="$NS"
	done
}

@test "check with too little memory in its cgroup: UNKNOWN, or no answer at all" {
	local source
	herd_beside
	for source in $(sources); do
		at_every_size 3 check_is_whole "$CORONER" check --settle=0 --source="$source" --pid-ns="$NS"
	done
}

@test "metrics with too little memory in its cgroup" {
	herd_beside
	at_every_size 1 metrics_are_whole "$CORONER" metrics --pid-ns="$NS"
}

@test "headroom with too little memory in its cgroup" {
	herd_beside
	at_every_size 1 headroom_is_whole "$CORONER" headroom --json "$(zoo_get .parent)"
}

@test "watch with too little memory in its cgroup" {
	herd_beside
	at_every_size 1 watch_is_whole "$CORONER" watch --json -n 100ms -c 1 --pid-ns="$NS"
}
