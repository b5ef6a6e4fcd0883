#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What rights coroner keeps, and when it gives up which: read from the running process.

load lib

# Bits of /proc/PID/status: capability(7) numbers.
DAC_READ_SEARCH=$((1 << 2)) KILL=$((1 << 5)) SYS_PTRACE=$((1 << 19)) SYS_ADMIN=$((1 << 21))
PERFMON=$((1 << 38)) BPF=$((1 << 39))
SEE=$((SYS_PTRACE | DAC_READ_SEARCH))

setup() {
	needs_root
}

# caps PID SET: as a decimal number
caps() {
	echo $((16#$(awk -v set="Cap$2:" '$1 == set { print $2 }' "/proc/$1/status")))
}

# holds PID BITS: these and no more are permitted and effective; nothing can come back.
holds() {
	local set
	[ "$(caps "$1" Eff)" = "$2" ] && [ "$(caps "$1" Prm)" = "$2" ] || {
		printf 'CapEff %x CapPrm %x, not %x\n' "$(caps "$1" Eff)" "$(caps "$1" Prm)" "$2" >&2
		return 1
	}
	for set in Inh Amb Bnd; do
		[ "$(caps "$1" $set)" = 0 ] || return 1
	done
	[ "$(awk '$1 == "NoNewPrivs:" { print $2 }' "/proc/$1/status")" = 1 ]
}

# Asleep in that system call? (syscall numbers differ by machine: names do not)
blocked_in() {
	[[ $(cat "/proc/$1/wchan" 2>/dev/null) == *$2* ]]
}

# A command in the background, its PID in $pid; it must not hold the zoo's standard input open.
start() {
	(
		for input in "${ZOO_INPUTS[@]}"; do
			exec {input}>&-
		done
		exec "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	) &
	pid=$!
	cleanup end "$pid"
}

end() {
	kill -KILL "$1" 2>/dev/null || true # our own child
	wait "$1" 2>/dev/null || true
}

@test "list: what a census can use, and no more" {
	zoo sigchld-default
	start "$CORONER" list --settle=60s
	await blocked_in "$pid" nanosleep
	holds "$pid" $((SEE | BPF | PERFMON))
}

@test "list: what only the BPF iterator needed is gone once the census is taken" {
	local pipe=$BATS_TEST_TMPDIR/pipe
	mkfifo "$pipe"
	exec 7<>"$pipe"
	# full: the next writer has to wait
	dd if=/dev/zero of="$pipe" bs=64k count=1 oflag=nonblock status=none
	dd if=/dev/zero of="$pipe" bs=1 count=65536 oflag=nonblock status=none 2>/dev/null || true
	"$CORONER" list >"$pipe" 3>&- &
	pid=$!
	cleanup end "$pid"
	await blocked_in "$pid" pipe
	holds "$pid" "$SEE"
	exec 7<&-
}

@test "nudge: CAP_KILL besides, until all is sent" {
	zoo sigchld-caught --how nothing
	start "$CORONER" nudge --timeout=60s "$(zoo_get .parent)"
	await blocked_in "$pid" poll
	holds "$pid" $((SEE | KILL))
}

@test "probe: CAP_SYS_ADMIN is gone once the namespace has been entered" {
	zoo init --how sleeps
	start "$CORONER" probe --timeout=60s "$(zoo_get .init)"
	await blocked_in "$pid" poll
	await holds "$pid" "$SYS_PTRACE"
}

@test "probe: the orphan in a foreign namespace holds nothing, and cannot be made to do anything" {
	[ -x "$BUILD/live/enter" ] || skip "needs $BUILD/live/enter (make unit)"
	run "$BUILD/live/enter"
	echo "$output"
	[ "$status" = 0 ]
}

@test "a set-user-ID, a set-group-ID and a file-capability start are refused" {
	local copy
	copy=$(mktemp -d /tmp/coroner-privilege.XXXXXX)
	cleanup rm -rf "$copy"
	chmod 755 "$copy"
	cp "$CORONER" "$copy/plain"
	chmod 755 "$copy/plain"
	run unprivileged "$copy/plain" --version
	[ "$status" = 0 ]
	for mode in 4755 2755; do
		cp "$CORONER" "$copy/$mode"
		chmod "$mode" "$copy/$mode"
		run unprivileged "$copy/$mode" list
		[ "$status" = 1 ]
		[[ $output == *refused*set-* ]]
	done
	needs setcap
	cp "$CORONER" "$copy/caps"
	chmod 755 "$copy/caps"
	setcap cap_sys_ptrace+ep "$copy/caps"
	# the bounding set must hold it to be gained
	run setpriv --reuid=12321 --regid=12321 --clear-groups "$copy/caps" list
	[ "$status" = 1 ]
	[[ $output == *refused*"file capabilities"* ]]
}

@test "rights given by whoever starts it are kept: ambient capabilities of a user" {
	run setpriv --reuid=12321 --regid=12321 --clear-groups --inh-caps=+sys_ptrace \
		--ambient-caps=+sys_ptrace test -x "$CORONER"
	[ "$status" = 0 ] || skip "needs a build directory that everybody may enter"
	zoo sigchld-default
	start setpriv --reuid=12321 --regid=12321 --clear-groups --inh-caps=+sys_ptrace \
		--ambient-caps=+sys_ptrace "$CORONER" list --settle=60s
	await blocked_in "$pid" nanosleep
	# without CAP_SETPCAP the bounding set stays; nothing can be gained from it any more
	[ "$(caps "$pid" Eff) $(caps "$pid" Amb) $(caps "$pid" Inh)" = "$SYS_PTRACE 0 0" ]
	[ "$(awk '$1 == "NoNewPrivs:" { print $2 }' "/proc/$pid/status")" = 1 ]
}

@test "--version -v says what is held, and what each would add" {
	run coroner --version -v
	[ "$status" = 0 ]
	[[ ${lines[0]} == "coroner "* ]]
	[[ $output == *"source: "* ]]
	[ "$(grep -c '^CAP_[A-Z_]* *held ' <<<"$output")" -ge 6 ]
	JSON=$(coroner -V -v --json)
	expect '.schema == "coroner.version/1" and (.source | IN("bpf", "procfs"))'
	expect '[.capabilities[] | select(.held)] | length >= 6'
	local copy
	copy=$(mktemp -d /tmp/coroner-privilege.XXXXXX)
	cleanup rm -rf "$copy"
	chmod 755 "$copy"
	cp "$CORONER" "$copy/coroner"
	JSON=$(unprivileged "$copy/coroner" -V -v --json)
	expect '.source == "procfs" and all(.capabilities[]; .held == false and (.shows | length > 10))'
	expect '[.capabilities[].name] | index("CAP_SYS_PTRACE") != null and index("CAP_KILL") != null'
}

@test "plain --version is one line" {
	run coroner --version
	[ "${#lines[@]}" = 1 ]
}

@test "a probe without the rights for it says which are missing" {
	local copy
	copy=$(mktemp -d /tmp/coroner-privilege.XXXXXX)
	cleanup rm -rf "$copy"
	chmod 755 "$copy"
	cp "$CORONER" "$copy/coroner"
	zoo init --how waits
	run unprivileged "$copy/coroner" probe "$(zoo_get .init)"
	[ "$status" = 1 ]
	[[ $output == *CAP_SYS_ADMIN* ]]
	# at its own spot none is needed
	run unprivileged "$ZOO/spot" -- "$copy/coroner" probe
	[ "$status" = 0 ] || [ ! -x "$ZOO/spot" ]
}
