#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The RPM, built by Debian's rpmbuild: what is in it, and that the program in it runs.

load lib

@test "the spec builds a package that holds what it shall" {
	local rpm file held
	env -u WERROR -u CI -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$TOP" BUILD="$BUILD" rpm >"$BATS_TEST_TMPDIR/log" 2>&1 || {
		tail -n 20 "$BATS_TEST_TMPDIR/log"
		return 1
	}
	rpm=$(echo "$BUILD"/rpm/RPMS/*/coroner-[0-9]*.rpm)
	held=$(rpm -qlp "$rpm")
	echo "$held"
	for file in /usr/bin/coroner /usr/share/man/man1/coroner.1 /usr/share/man/man5/coroner-json.5 \
		/usr/share/coroner/coroner.schema.json /usr/share/bash-completion/completions/coroner \
		/usr/share/zsh/site-functions/_coroner /usr/share/fish/vendor_completions.d/coroner.fish \
		/usr/lib/systemd/system/coroner-metrics.service /usr/lib/systemd/system/coroner-metrics.timer \
		/usr/lib/sysusers.d/coroner.conf /usr/lib/tmpfiles.d/coroner.conf /etc/default/coroner; do
		grep -qE "^$file(\.gz)?\$" <<<"$held"
	done
	[ "$(rpm -qcp "$rpm")" = /etc/default/coroner ]
	[[ $(rpm -qp --recommends "$rpm") == *libproc2.so.0* ]]
	[[ $(rpm -qp --requires "$rpm") != *libproc2* ]]
	# the file that the README's pattern is of
	run grep -om1 'rpm -i build/[^`]*' "$TOP/README.md"
	# shellcheck disable=SC2086,SC2116 # a pattern of files
	[ "$(cd "$BUILD" && echo ${output#*build/})" = "${rpm#"$BUILD"/}" ]
	cd "$BATS_TEST_TMPDIR"
	rpm2cpio "$rpm" | cpio -id --quiet
	[ "$(usr/bin/coroner --version)" = "$("$CORONER" --version)" ]
	grep -q '^ExecStart=/usr/bin/coroner ' usr/lib/systemd/system/coroner-metrics.service
}

# Debian's rpm knows of none of the libraries that are there: --nodeps.
@test "rpm installs it, finds nothing changed, and leaves nothing when it goes" {
	local root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	rpm --root "$root" --nodeps -i "$BUILD"/rpm/RPMS/*/coroner-[0-9]*.rpm
	[ "$("$root/usr/bin/coroner" --version)" = "$("$CORONER" --version)" ]
	rpm --root "$root" --nodeps -V coroner
	rpm --root "$root" -e coroner
	[ -z "$(find "$root" -name '*coroner*')" ]
}
