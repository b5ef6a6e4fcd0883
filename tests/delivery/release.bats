#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# A release is the same file wherever and whenever it is made, and says what is in it.

load lib

setup_file() {
	load lib
	unset WERROR CI DEPS MAKEFLAGS MFLAGS MAKELEVEL
	local at
	# Two copies of the tree, in directories with names of other lengths, on two days.
	for at in a/short b/a-much-longer-name; do
		mkdir -p "$BATS_FILE_TMPDIR/$at"
		released | tar -C "$TOP" --null --files-from=- -c | tar -C "$BATS_FILE_TMPDIR/$at" -x
		find "$BATS_FILE_TMPDIR/$at" -exec touch -h -d "2026-01-0$((${#at} % 7 + 1))" {} +
		make -C "$BATS_FILE_TMPDIR/$at" -j2 BUILD=build SOURCE_DATE_EPOCH=1700000000 dist >"$BATS_FILE_TMPDIR/log" 2>&1 || {
			tail -n 20 "$BATS_FILE_TMPDIR/log"
			return 1
		}
	done
	export FIRST=$BATS_FILE_TMPDIR/a/short/build/dist SECOND=$BATS_FILE_TMPDIR/b/a-much-longer-name/build/dist
	STATIC=$(echo "$FIRST"/coroner-*-"$(uname -m)")
	export STATIC
}

# What git knows, as it lies there; all files where there is no git.
released() {
	if [[ -e $TOP/.git ]]; then
		git -C "$TOP" ls-files -z
	else
		find "$TOP" -path "$TOP/build" -prune -o ! -type d -printf '%P\0'
	fi
}

@test "from two paths and on two days the release is the same, bit for bit" {
	(cd "$FIRST" && sha256sum --check --quiet SHA256SUMS)
	[ "$(wc -l <"$FIRST/SHA256SUMS")" -eq 3 ]
	diff "$FIRST/SHA256SUMS" "$SECOND/SHA256SUMS"
	(cd "$FIRST" && sha256sum --check --quiet "$SECOND/SHA256SUMS")
	# nor does it name where it was made
	! grep -aq "$BATS_FILE_TMPDIR" "$STATIC" "$FIRST/$(uname -m)/coroner-static" "$FIRST/$(uname -m)"/*.bpf.o
}

@test "the static file takes no library and at most 3 MB" {
	run file -b "$STATIC"
	[[ $output == *static-pie*", stripped"* ]]
	[ "$(stat -c %s "$STATIC")" -le 3000000 ]
}

@test "the bill of materials names the static file and all that was linked into it" {
	local doc=$STATIC.spdx.json archive
	jq -e --arg sum "$(sha256sum <"$STATIC" | cut -d ' ' -f 1)" '.spdxVersion == "SPDX-2.3"
		and (.packages[0].checksums[0].checksumValue == $sum)
		and ([.packages[1:][] | .versionInfo] | all(length > 0))
		and ([.packages[].SPDXID] | sort) ==
			([.relationships[].relatedSpdxElement] | sort)' "$doc"
	for archive in libc6-dev libcap-dev libjansson-dev libproc2-dev libbpf-dev; do
		jq -e --arg name "$archive" --arg version "$(dpkg-query -W -f '${Version}' "$archive")" \
			'.packages[] | select(.name == $name) | .versionInfo == $version and .licenseDeclared != "NOASSERTION"' "$doc"
	done
	# no archive of the linker's map is without its package
	[ "$(jq '.packages | length' "$doc")" -eq $(($(sed -n 's/^\(\/[^(]*\.a\)(.*/\1/p' \
		"$FIRST/$(uname -m)/coroner-static.map" | sort -u | xargs -n 1 realpath | xargs -n 1 dpkg-query -S |
		sed 's/:.*//' | sort -u | wc -l) + 2)) ]
}

@test "the tarball builds with a distribution's flags, passes, installs and leaves nothing" {
	run make -C "$BATS_FILE_TMPDIR/a/short" BUILD=build SOURCE_DATE_EPOCH=1700000000 DISTCHECK=unit distcheck
	tail -n 20 <<<"$output"
	[ "$status" -eq 0 ]
	[[ $output == *"distcheck: "*" builds, passes, installs and goes"* ]]
}
