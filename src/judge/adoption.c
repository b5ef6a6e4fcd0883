/* SPDX-License-Identifier: MIT */
#include "judge/adoption.h"

#include <signal.h>

/*
 * A session that is neither the child's own nor its parent's. Was it the parent's once? Only a
 * session leader ever left another session. An init of a PID namespace came from outside, where its
 * former session has no number inside; anybody else's former session is older than it.
 */
static bool session_is_foreign(const struct adoption_evidence *e)
{
	if (e->child_sid == e->child || e->child_sid == e->parent_sid)
		return false;
	if (e->child_sid == 0 && !e->ns_sid_known)
		return false;
	if (e->parent_sid != e->parent)
		return true;
	if (e->parent_is_init == TRI_YES && e->ns_sid_known)
		return e->ns_sid != 0 && e->ns_sid != e->ns_parent_sid;
	return e->leader_alive && e->leader_start > e->parent_start;
}

/*
 * The leader of the child's process group lives, in the same session, and is neither the parent
 * nor a child of it: a parent places its children in its own group or in one of theirs.
 */
static bool group_is_foreign(const struct adoption_evidence *e)
{
	if (e->child_pgrp == 0 || e->child_pgrp == e->child || e->child_pgrp == e->parent_pgrp ||
	    e->child_pgrp == e->parent)
		return false;
	return e->group_leader_alive && e->group_leader_ppid != e->parent;
}

struct adoption adoption_judge(const struct adoption_evidence *e)
{
	/* Linux kernel/exit.c:find_new_reaper() gives orphans to no others (but a thread's own group) */
	if (e->parent_is_init == TRI_NO && e->parent_is_subreaper == TRI_NO)
		return (struct adoption){ TRI_NO, true, "no-adopter" };
	/* kernel/exit.c:reparent_leader() resets it for everybody who is adopted */
	if (e->exit_signal != SIGCHLD)
		return (struct adoption){ TRI_NO, true, "exit-signal" };
	if (session_is_foreign(e))
		return (struct adoption){ TRI_YES, e->leader_alive && e->leader_ppid != e->parent,
					  "session" };
	if (e->child_parent_exec_id && e->child_parent_exec_id > e->parent_self_exec_id)
		return (struct adoption){ TRI_YES, true, "exec-id" };
	if (group_is_foreign(e))
		return (struct adoption){ TRI_YES, false, "process-group" };
	/* sharing the parent's session proves nothing: a grandchild that it adopted shares it too */
	return (struct adoption){ TRI_UNKNOWN, false, "none" };
}
