#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The Debian packages: built, read by lintian, installed in a bare Debian, and gone without a trace.

load lib

setup_file() {
	load lib
	export DEBS=$BUILD/deb ROOT=$BATS_FILE_TMPDIR/root
	env -u WERROR -u CI -u MAKEFLAGS -u MFLAGS -u MAKELEVEL DEB_BUILD_OPTIONS=nocheck \
		make -C "$TOP" BUILD="$BUILD" deb >"$BATS_FILE_TMPDIR/log" 2>&1 || {
		tail -n 20 "$BATS_FILE_TMPDIR/log"
		return 1
	}
	# it leaves a proc mounted, which ends with a mount namespace
	unshare --mount debootstrap --variant=minbase bookworm "$ROOT" >"$BATS_FILE_TMPDIR/log" 2>&1 || {
		tail -n 20 "$BATS_FILE_TMPDIR/log"
		return 1
	}
	cp /etc/resolv.conf "$ROOT/etc/"
	# what the package needs, so that the package alone makes the difference
	in_root apt-get install -y -qq --no-install-recommends libcap2 libjansson4 systemd-standalone-sysusers acl
	cp "$DEBS"/coroner_*.deb "$DEBS"/coroner-static_*.deb "$ROOT/tmp/"
}

# A PID namespace and mounts of its own, which end with the command.
in_root() {
	unshare --mount --pid --fork --kill-child sh -euc '
		mount -t proc proc "$1/proc"
		root=$1
		shift
		exec env LC_ALL=C DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"' sh "$ROOT" "$@" 3>&-
}

files() {
	(cd "$ROOT" && find . -path ./proc -prune -o -path ./var/lib/dpkg -prune -o -path ./var/cache -prune \
		-o -path ./var/log -prune -o -path ./var/lib/apt -prune -o -path './etc/*-' -prune -o -print | sort)
	# the accounts, too; those with a dash behind are their backups
	sort "$ROOT/etc/passwd" "$ROOT/etc/group"
}

@test "lintian has nothing to say of the packages" {
	run lintian --allow-root --pedantic --display-info --display-experimental --fail-on=warning "$DEBS"/coroner_*.changes
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "the packages hold what they shall, where Debian looks for it" {
	local held
	held=$(dpkg-deb --fsys-tarfile "$DEBS"/coroner_*_*.deb | tar -t)
	for file in usr/bin/coroner usr/share/man/man1/coroner.1.gz usr/share/man/man5/coroner-json.5.gz \
		usr/share/coroner/coroner.schema.json usr/share/bash-completion/completions/coroner \
		usr/share/zsh/vendor-completions/_coroner usr/share/fish/vendor_completions.d/coroner.fish \
		lib/systemd/system/coroner-metrics.service lib/systemd/system/coroner-metrics.timer \
		usr/lib/sysusers.d/coroner.conf usr/lib/tmpfiles.d/coroner.conf etc/default/coroner \
		usr/share/doc/coroner/examples/coroner.rules.yml; do
		grep -qx "./$file" <<<"$held" || {
			echo "no $file"
			return 1
		}
	done
	grep -qx '.Pa /usr/share/coroner' "$TOP/man/coroner-json.5"
	[[ $(dpkg-deb -f "$DEBS"/coroner_*_*.deb Recommends) == libproc2-0 ]]
	[[ $(dpkg-deb -f "$DEBS"/coroner_*_*.deb Depends) != *libproc2* ]]
	[[ $(dpkg-deb -f "$DEBS"/coroner-static_*.deb Built-Using) == *glibc*jansson*libcap2*procps* ]]
	[[ -z $(dpkg-deb -f "$DEBS"/coroner-static_*.deb Depends) ]]
	# and the README's pattern is of this one, not of what lies beside it
	local pattern
	pattern=$(grep -om1 'build/deb/coroner_[^ `]*' "$TOP/README.md")
	# shellcheck disable=SC2086,SC2116 # a pattern of files
	[ "$(cd "$DEBS" && echo ${pattern##*/})" = "$(cd "$DEBS" && echo coroner_[0-9]*_*.deb)" ]
	[ -e "$DEBS/$(cd "$DEBS" && echo coroner_[0-9]*_*.deb)" ]
}

@test "installed in a bare Debian it works; the units are disabled; purged it leaves nothing" {
	files >"$BATS_TEST_TMPDIR/before"
	in_root sh -euc 'dpkg -i /tmp/coroner_*.deb /tmp/coroner-static_*.deb'
	[ "$(in_root coroner --version)" = "$("$CORONER" --version)" ]
	[ "$(in_root coroner-static --version)" = "$("$CORONER" --version)" ]
	in_root coroner list --json | jq -e '.zombies == 0'
	in_root getent passwd coroner
	[ -z "$(find "$ROOT/etc/systemd" -name 'coroner*')" ]
	# what the service would have written
	mkdir -p "$ROOT/var/lib/prometheus/node-exporter"
	in_root coroner metrics --output=/var/lib/prometheus/node-exporter/coroner.prom
	in_root sh -euc 'dpkg --purge coroner coroner-static'
	[ -z "$(ls -A "$ROOT/var/lib/prometheus/node-exporter")" ]
	rm -r "$ROOT/var/lib/prometheus"
	files >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}
