#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The image of `make image`: an OCI index of two architectures, from scratch, and what is in it run as an engine
# would: as some user, without /sys, its root read-only. (Docker and Podman run it in tests/containers.)

load lib

setup_file() {
	load lib
	export LAYOUT=$BUILD/image/oci
	env -u WERROR -u CI -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$TOP" -j2 BUILD="$BUILD" SOURCE_DATE_EPOCH=1700000000 \
		ARCHES='x86_64 aarch64' image >"$BATS_FILE_TMPDIR/log" 2>&1 || {
		tail -n 20 "$BATS_FILE_TMPDIR/log"
		return 1
	}
}

blob() { # DIGEST: the file that it names
	echo "$LAYOUT/blobs/${1/://}"
}

# of ARCH: its manifest
manifest() {
	local index
	index=$(blob "$(jq -r '.manifests[0].digest' "$LAYOUT/index.json")")
	blob "$(jq -r --arg arch "$1" '.manifests[] | select(.platform == {architecture: $arch, os: "linux"}).digest' "$index")"
}

layer() { # ARCH DIR: its one layer, unpacked
	local manifest
	manifest=$(manifest "$1")
	[ "$(jq '.layers | length' "$manifest")" -eq 1 ]
	mkdir -p "$2"
	tar -C "$2" -xf "$(blob "$(jq -r '.layers[0].digest' "$manifest")")"
	[ "$(find "$2" -mindepth 1 -printf '%P\n')" = coroner ]
}

@test "an index of amd64 and arm64, each from scratch with the static file alone, for nobody" {
	local arch config
	jq -e '.manifests | length == 1 and .[0].mediaType == "application/vnd.oci.image.index.v1+json"' "$LAYOUT/index.json"
	for arch in amd64 arm64; do
		config=$(blob "$(jq -r .config.digest "$(manifest "$arch")")")
		jq -e --arg arch "$arch" '.architecture == $arch and .os == "linux" and .created == "2023-11-14T22:13:20Z" and
			(.config | .User == "65534:65534" and .Entrypoint == ["/coroner"] and
			.Labels["org.opencontainers.image.title"] == "coroner" and .Labels["org.opencontainers.image.licenses"] == "MIT")' \
			"$config"
		[ "coroner $(jq -r '.config.Labels["org.opencontainers.image.version"]' "$config")" = "$("$CORONER" --version)" ]
		layer "$arch" "$BATS_TEST_TMPDIR/$arch"
		[ "$(stat -c %s "$BATS_TEST_TMPDIR/$arch/coroner")" -le 3000000 ]
	done
	[[ $(file -b "$BATS_TEST_TMPDIR/amd64/coroner") == *x86-64*static-pie* ]]
	[[ $(file -b "$BATS_TEST_TMPDIR/arm64/coroner") == *aarch64*static-pie* ]]
}

@test "as user 1000, without /sys and any right, its root read-only, it looks around" {
	local arch bundle=$BATS_TEST_TMPDIR/bundle
	arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
	layer "$arch" "$bundle/rootfs"
	# an engine makes the place of a mount where the image has none
	mkdir "$bundle/rootfs/proc"
	(cd "$bundle" && runc spec && jq '.process.terminal = false | .process.args = ["/coroner", "list", "--json"] |
		.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {} | del(.process.rlimits) | .root.readonly = true |
		.mounts |= map(select(.destination == "/proc"))' config.json >new && mv new config.json)
	runc run --bundle "$bundle" "coroner-test-$$" </dev/null >"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/errors" || {
		cat "$BATS_TEST_TMPDIR/errors"
		return 1
	}
	jq -e '.zombies == 0 and .visible_processes == 1 and .source == "procfs"' "$BATS_TEST_TMPDIR/said"
}
