# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables
# Every verdict that this kernel can hold still, from both sources.

test_sigchld_default() {
	zoo sigchld-default --count 3
	verdict sigchld-default
	expect_parent '(.zombies | map(.pid) | sort) == ($zombies | sort)' \
		zombies "$(zoo_get '.zombies | tojson')"
}

test_sigchld_ignored_too_late() {
	zoo sigchld-ignored
	verdict sigchld-ignored
}

# /proc does not show the flag: without BPF it looks like the default.
test_no_cldwait_too_late_by_bpf() {
	zoo sigchld-ignored --how nocldwait
	SOURCE=bpf
	verdict_of_parent sigchld-ignored
	expect_parent '.sigchld.no_cldwait == true'
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

test_namespace_dying_by_wchan() {
	zoo namespace-dying
	verdict namespace-dying
}

test_unfit_init_of_a_namespace() {
	zoo unfit-init --count 2
	verdict unfit-init
	expect_parent '.zombies | all(.adopted == true)'
}

# procfs cannot know a subreaper: there the zombies' sessions say it, or nothing does.
test_unfit_subreaper_by_bpf() {
	zoo unfit-init --how subreaper
	SOURCE=bpf
	verdict_of_parent unfit-init
	expect_parent '.process.role == "subreaper"'
}

test_exit_statuses() {
	zoo exits
	each_source exits_agree
}

exits_agree() {
	coro --source="$SOURCE" --json list
	expect_parent '.zombies | length == $count' count "$(zoo_get '.exits | length')"
	expect_parent '[.zombies[].exit | select(.kind == "exited").status] | sort == $statuses' \
		statuses "$(zoo_get '[.exits[] | capture("^exited (?<s>.*)").s | tonumber] | sort |
			tojson')"
	expect_parent '[.zombies[].exit | select(.kind == "signaled")] | length == $signaled and
		([.[] | select(.core)] | length) == $dumped and any(.signal == "SIGKILL")' \
		signaled "$(zoo_get '[.exits[] | select(test("^exited") | not)] | length')" \
		dumped "$(zoo_get '[.exits[] | select(test("^dumped"))] | length')"
}
