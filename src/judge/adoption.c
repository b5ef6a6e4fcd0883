/* SPDX-License-Identifier: MIT */
#include "judge/adoption.h"

#include <signal.h>

/* PIDs go up until they wrap: that of a process born after the parent, and before the child */
static bool is_between(const struct adoption_evidence *e, pid_t pid)
{
	return pid > e->parent && (pid < e->child || e->child < e->parent);
}

/*
 * A session that is neither the child's own nor its parent's. Was it the parent's once? Only a
 * session leader ever left another session. An init of a PID namespace came from outside, where its
 * former session has no number inside; anybody's former session is older than himself: its leader's
 * start tells or, once that is gone, its number (likely then, not proven).
 */
static bool session_is_foreign(const struct adoption_evidence *e)
{
	if (e->child_sid == e->child || e->child_sid == e->parent_sid)
		return false;
	if (e->child_sid == 0 && !e->ns_sid_known)
		return false;
	if (e->parent_sid != e->parent)
		return true;
	if (e->parent_is_init == TRI_YES && e->ns_sid_known && e->ns_sid != 0 &&
	    e->ns_sid != e->ns_parent_sid)
		return true;
	return e->leader_alive ? e->leader_start > e->parent_start : is_between(e, e->child_sid);
}

/*
 * The leader of the child's process group lives, in the same session, and is neither the parent
 * nor a child of it: a parent places its children in its own group or in one of theirs. It may have
 * been born into an older group and have left that one since.
 */
static bool group_is_foreign(const struct adoption_evidence *e)
{
	if (e->child_pgrp == 0 || e->child_pgrp == e->child || e->child_pgrp == e->parent_pgrp ||
	    e->child_pgrp == e->parent)
		return false;
	return e->group_leader_alive && e->group_leader_ppid != e->parent &&
	       e->group_leader_start > e->parent_start;
}

/* Born when the parent of then had started more programs than this one has (kernel/exec.c) */
static bool exec_id_is_foreign(const struct adoption_evidence *e)
{
	return e->child_parent_exec_id && e->child_parent_exec_id > e->parent_self_exec_id;
}

struct adoption adoption_judge(const struct adoption_evidence *e)
{
	bool foreign = session_is_foreign(e);
	bool unmarked = e->parent_is_init == TRI_NO && e->parent_is_subreaper == TRI_NO;

	/* a sibling of it forked on behalf of the parent, clone(2) */
	if (e->parent_is_init == TRI_NO && e->parent_was_subreaper == TRI_NO && e->parent_slept)
		return (struct adoption){ TRI_NO, true, SIGN_CLONE_PARENT };
	/* Linux kernel/exit.c:find_new_reaper() gives orphans to no others (but a thread's own group) */
	if (e->parent_is_init == TRI_NO && e->parent_was_subreaper == TRI_NO)
		return (struct adoption){ TRI_NO, true, SIGN_NO_ADOPTER };
	/* kernel/exit.c:reparent_leader() resets it for everybody who is adopted */
	if (e->exit_signal != SIGCHLD)
		return (struct adoption){ TRI_NO, true, SIGN_EXIT_SIGNAL };
	if (foreign && e->leader_alive && e->leader_ppid != e->parent)
		return (struct adoption){ TRI_YES, true, SIGN_SESSION };
	if (exec_id_is_foreign(e))
		return (struct adoption){ TRI_YES, true, SIGN_EXEC_ID };
	if (e->parent_slept)
		return (struct adoption){ TRI_YES, true, SIGN_PARENT_SLEPT };
	/* the newborn and the adopted join the end of the list alike (kernel/fork.c, exit.c) */
	if (e->attached_late)
		return (struct adoption){ TRI_YES, true, SIGN_CHILD_ORDER };
	/* marks are hardly ever taken back: that it was one takes proof */
	if (unmarked && (foreign || group_is_foreign(e) || e->parent_was_subreaper == TRI_YES))
		return (struct adoption){ TRI_UNKNOWN, false, SIGN_NONE };
	if (unmarked)
		return (struct adoption){ TRI_NO, false, SIGN_NO_ADOPTER };
	/* one that it had meanwhile may have started it */
	if (e->threads_slept)
		return (struct adoption){ TRI_YES, false, SIGN_PARENT_SLEPT };
	if (foreign)
		return (struct adoption){ TRI_YES, false, SIGN_SESSION };
	if (group_is_foreign(e))
		return (struct adoption){ TRI_YES, false, SIGN_PROCESS_GROUP };
	/* sharing the parent's session proves nothing: a grandchild that it adopted shares it too */
	return (struct adoption){ TRI_UNKNOWN, false, SIGN_NONE };
}
