# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Random trees of real processes (tests/inherit): every heir that is foretold here must come true.

test_heirs_foretold_in_random_trees() {
	forest /usr/bin/coroner "$(date +%s)" 40 bpf procfs >forest.txt || fail "$(cat forest.txt)"
	sed 's/^/note: /' forest.txt
}
