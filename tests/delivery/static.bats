#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The static file where there is nothing else: an empty root, another user, no /sys, nothing to write to.

bats_require_minimum_version 1.5.0
load lib

# in_nothing COMMAND...: in a root that holds /coroner and /proc alone, read-only, as user 1000.
in_nothing() {
	local root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/proc"
	cp "$CORONER_STATIC" "$root/coroner"
	unshare --mount --pid --fork --kill-child sh -euc '
		mount --bind -o ro "$1" "$1"
		mount -o remount,bind,ro "$1"
		mount -t proc proc "$1/proc"
		root=$1
		shift
		exec chroot --userspec=1000:1000 "$root" "$@"' sh "$root" "$@"
}

@test "the static file runs as user 1000 in a read-only root without /sys" {
	run in_nothing /coroner --version
	[ "$status" -eq 0 ]
	[ "$output" = "$("$CORONER" --version)" ]
	# it is the only process there, and says what it saw
	run --separate-stderr in_nothing /coroner list --json
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	jq -e '.zombies == 0 and .visible_processes == 1 and .source == "procfs"' <<<"$output"
	run in_nothing /coroner check
	echo "$output"
	[ "$status" -eq 0 ]
	run in_nothing /coroner explain 1
	[ "$status" -eq 0 ]
}

@test "make static ARCH=aarch64: a static file for arm64, at most 3 MB, that looks at /proc there" {
	local dir=$BATS_TEST_TMPDIR
	env -u WERROR -u CI -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u BUILD \
		make -C "$TOP" -j2 BUILD="$BUILD/aarch64" ARCH=aarch64 static >"$dir/log" 2>&1 || {
		tail -n 20 "$dir/log"
		return 1
	}
	aarch64-linux-gnu-strip -o "$dir/coroner" "$BUILD/aarch64/coroner-static"
	[[ $(file -b "$dir/coroner") == *"ARM aarch64"*static-pie*", stripped"* ]]
	[ "$(stat -c %s "$dir/coroner")" -le 3000000 ]
	# the census in BPF is in it, too
	grep -aq bpf_iter__task "$dir/coroner"
	[ "$(qemu-aarch64-static "$dir/coroner" --version)" = "$("$CORONER" --version)" ]
	qemu-aarch64-static "$dir/coroner" list --json --source=procfs | jq -e '.visible_processes > 0'
}
