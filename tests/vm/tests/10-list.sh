# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables
# Every verdict that this kernel can hold still, from both sources.

test_sigchld_default() {
	zoo sigchld-default --count 3
	verdict sigchld-default
	expect '.zombies == 3 and (.parents | length) == 1 and
		(.parents[0].zombies | map(.pid) | sort) == ($zombies | sort)' \
		zombies "$(zoo_get '.zombies | tojson')"
}

test_sigchld_ignored_too_late() {
	zoo sigchld-ignored
	verdict sigchld-ignored
	zoo sigchld-ignored --how nocldwait
	verdict sigchld-ignored
}

test_sigchld_caught_one_per_signal() {
	zoo sigchld-caught --how one
	verdict sigchld-caught
}

test_sigchld_blocked_by_mask() {
	zoo sigchld-blocked --how mask
	verdict sigchld-blocked
}

test_sigchld_blocked_by_sigwait() {
	zoo sigchld-blocked --how sigwait
	verdict sigchld-blocked
}

test_sigchld_blocked_in_one_thread_is_not_blocked() {
	zoo sigchld-blocked --how one-thread
	verdict sigchld-default
}

test_waits_for_other() {
	zoo waits --how waitpid
	verdict waits-for-other
	zoo waits --how pidfd --thread
	verdict waits-for-other
}

test_clone_child() {
	zoo clone-child
	verdict clone-child
}

test_threads_alive() {
	zoo threads-alive
	verdict threads-alive
}

test_traced() {
	zoo traced
	verdict traced
}

test_parent_stopped() {
	zoo parent-stopped
	verdict parent-stopped
}

test_parent_uninterruptible() {
	zoo parent-uninterruptible
	verdict parent-uninterruptible
}

test_namespace_dying() {
	zoo namespace-dying
	verdict namespace-dying
}

test_unfit_init_of_a_namespace() {
	zoo unfit-init --count 2
	verdict unfit-init
	expect '.parents[0].zombies | all(.adopted == true)'
}

# procfs cannot know a subreaper: there the zombies' sessions say it, or nothing does.
test_unfit_subreaper_by_bpf() {
	zoo unfit-init --how subreaper
	SOURCE=bpf
	verdict_of_parent unfit-init
	expect '.parents[0].process.role == "subreaper"'
}

test_exit_statuses() {
	zoo exits
	each_source exits_agree
}

exits_agree() {
	coro --source="$SOURCE" --json list
	expect '[.parents[] | select(.process.pid == $parent) | .zombies | sort_by(.pid)[] | .exit |
		if .kind == "exited" then "exited \(.status)" else .signal end] | length == $count' \
		parent "$(zoo_get .parent)" count "$(zoo_get '.exits | length')"
	expect '[.parents[0].zombies[] | select(.exit.kind == "exited") | "exited \(.exit.status)"]
		| sort == ($exits | map(select(startswith("exited"))) | sort)' \
		exits "$(zoo_get '.exits | tojson' | tr ' ' '_' | sed 's/_/\\u0020/g')"
}
