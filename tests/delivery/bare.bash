# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by in-debian and as-told: a bare Debian 12, commands in it, and steps that are counted.
#
# In: $root, where the Debian is to be, an absolute path; $log, what a step says.

passed=0

# step NAME COMMAND...: what it says is shown where it fails, and is in $log meanwhile.
step() {
	local name=$1 status
	shift
	# no "||" behind it: in functions, too, the first failure is the last
	set +e
	(
		set -e
		"$@"
	) >"$log" 2>&1 </dev/null
	status=$?
	set -e
	if ((status != 0)); then
		tail -n 40 "$log"
		echo "not ok - $name"
		echo "$passed passed, 1 failed"
		exit 1
	fi
	passed=$((passed + 1))
	echo "ok $passed - $name ($(date -u +%H:%M:%S))"
}

# in_root COMMANDS: by a shell, in $root/src. Mounts of its own, which end with the command; the PID namespace is the
# machine's, whose limits the tests of the machine meet.
in_root() {
	unshare --mount sh -euc '
		mount --rbind "$1" "$1"
		mount -t proc proc "$1/proc"
		mount --rbind /sys "$1/sys"
		mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
		ln -sf pts/ptmx "$1/dev/ptmx"
		for device in kmsg fuse; do
			: >>"$1/dev/$device"
			mount --bind "/dev/$device" "$1/dev/$device"
		done
		root=$1
		shift
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			sh -euc "cd \"\$0\"; pivot_root . .; umount -l .; cd /src; $*" "$root"' sh "$root" "$@"
}

# bare PACKAGE...: as debootstrap makes it, and these.
bare() {
	rm -rf --one-file-system "$root"
	# it leaves a proc mounted, which ends with a mount namespace
	unshare --mount debootstrap --variant=buildd bookworm "$root"
	cp /etc/resolv.conf "$root/etc/"
	mkdir "$root/src"
	in_root "apt-get update; apt-get install -y --no-install-recommends $*"
}
