/* SPDX-License-Identifier: MIT */
/* Whether a process was born of its parent or adopted by it: what sessions and groups give away. */
#ifndef CORONER_ADOPTION_H
#define CORONER_ADOPTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"

/* Numbers are those of coroner's PID namespace but for the two ns_ ones. */
struct adoption_evidence {
	pid_t child, child_sid, child_pgrp;
	int64_t child_start; /* clock ticks since boot */
	pid_t parent, parent_sid, parent_pgrp;
	int64_t parent_start;
	enum tri parent_is_init;       /* of its PID namespace */
	enum tri parent_is_subreaper;  /* marked now; UNKNOWN without BPF */
	enum tri parent_was_subreaper; /* marked now or at any time before */
	uint8_t exit_signal;	       /* of the child */
	bool ns_sid_known;
	pid_t ns_sid; /* the child's session as its own namespace numbers it; 0: from outside */
	pid_t ns_parent_sid; /* the same of the parent */
	bool leader_alive;   /* the leader of the child's session is in sight */
	pid_t leader_ppid;
	int64_t leader_start;
	bool group_leader_alive; /* the leader of the child's process group is in sight */
	pid_t group_leader_ppid;
	int64_t group_leader_start;
	uint32_t child_parent_exec_id; /* 0: not known (BPF tells) */
	uint32_t parent_self_exec_id;
	bool parent_slept;  /* BPF: no thread of the parent has run since before it was born */
	bool threads_slept; /* the same of those that it has now, from procfs */
	bool attached_late; /* BPF: among its parent's children it stands behind younger ones */
};

/* What an adoption, or that there was none, is seen by: words/tokens.c has the word of each. */
enum adoption_sign {
	SIGN_UNASKED, /* nobody has judged it */
	SIGN_NONE,
	SIGN_SESSION,
	SIGN_PROCESS_GROUP,
	SIGN_EXEC_ID,
	SIGN_CHILD_ORDER,
	SIGN_PARENT_SLEPT,
	SIGN_CLONE_PARENT,
	SIGN_EXIT_SIGNAL,
	SIGN_NO_ADOPTER,
};

struct adoption {
	enum tri adopted; /* UNKNOWN: nothing speaks for or against it */
	bool proven;	  /* else likely: CLONE_PARENT could fake it */
	enum adoption_sign sign;
};

/*
 * Judge one child. A session is inherited at birth and only ever changed to one's own PID
 * (setsid(2)), so a session that the parent never had was inherited from somebody else.
 * Source: Linux kernel/fork.c:copy_process(), kernel/sys.c:ksys_setsid(). One exception is known, so
 * not all of it is proof: a child of the same parent that has called setsid(2) may clone another one
 * for it (CLONE_PARENT). Pure.
 */
struct adoption adoption_judge(const struct adoption_evidence *e);

#endif
