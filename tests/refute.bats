#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is proven is not refuted by a second look; `make check-refute` takes thousands of them.

load lib

@test "no proven verdict is refuted by a second look: over the zoo and storms of parents that reap" {
	needs python3
	needs_root
	local source list=()
	for source in $(sources); do
		list+=(--source "$source")
	done
	CORONER=$CORONER ZOO=$ZOO "$TESTS/refute/run" --looks 25 --share 3 "${list[@]}"
}
