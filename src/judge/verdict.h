/* SPDX-License-Identifier: MIT */
/*
 * Why a zombie stays, as a pure function over evidence. The table in verdict.c holds one row a
 * verdict, in the order in which they are tried; the first row whose rule fits is the answer.
 */
#ifndef CORONER_VERDICT_H
#define CORONER_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "census/census.h"

/* In the order of the rules: of two, the lower is the worse one. */
enum verdict_code {
	VERDICT_THREADS_ALIVE,
	VERDICT_TRACED,
	VERDICT_NAMESPACE_DYING,
	VERDICT_PARENT_STOPPED,
	VERDICT_PARENT_FROZEN,
	VERDICT_PARENT_UNINTERRUPTIBLE,
	VERDICT_CLONE_CHILD,
	VERDICT_IN_FLIGHT,
	VERDICT_UNFIT_INIT,
	VERDICT_WAITS_FOR_OTHER,
	VERDICT_SIGCHLD_BLOCKED,
	VERDICT_SIGCHLD_IGNORED,
	VERDICT_SIGCHLD_DEFAULT,
	VERDICT_SIGCHLD_CAUGHT,
	VERDICT_UNKNOWN, /* the parent cannot be seen: no rule about it can be tried */
	VERDICT_COUNT,
};

enum certainty {
	CERTAINTY_LIKELY,
	CERTAINTY_PROVEN,
};

enum nudge {
	NUDGE_USELESS,
	NUDGE_MAY_HELP,
	NUDGE_UNKNOWN,
};

/* For whom a thread of the parent waits, numbers already in coroner's own PID namespace. */
enum thread_waits {
	THREAD_WAITS_NOT,
	THREAD_WAITS_ANY,     /* wait4(-1), waitid(P_ALL) */
	THREAD_WAITS_PID,     /* for one child: pid, 0 where its number could not be translated */
	THREAD_WAITS_GROUP,   /* for a process group */
	THREAD_WAITS_SIGCHLD, /* sigtimedwait or sigwait, for a set with SIGCHLD in it */
	THREAD_WAITS_SIGNALS, /* the same, for a set that could not be read */
	THREAD_WAITS_UNKNOWN, /* its system call could not be read, or it is on a CPU */
};

struct thread_evidence {
	pid_t tid;
	enum thread_waits waits;
	bool running; /* why that is UNKNOWN: it is on a CPU, so in no wait */
	pid_t pid;
	uint32_t options; /* of the wait: WEXITED, WNOWAIT, __WALL, __WCLONE, __WNOTHREAD */
};

struct parent_evidence {
	bool seen; /* false: it is outside this PID namespace or hidden; nothing below counts */
	pid_t pid;
	char state; /* of the main thread, as in /proc */
	enum tri frozen;
	enum tri settled;     /* YES: the state was the same before and after a settle time */
	bool settled_long;    /* that settle time was VERDICT_SETTLED_MS at least */
	enum tri init;	      /* it is the init of its PID namespace */
	bool is_machine_init; /* and that namespace is the initial one */
	enum tri subreaper;
	bool masks_known; /* disposition, blocked, pending */
	enum sigchld_disposition disposition;
	bool blocked; /* by every thread, as /proc shows it */
	bool pending; /* for the process: a second one would merge with it */
	enum tri no_cldwait;
	enum tri signalfd;
	pid_t tracer;	   /* of its main thread; 0: none, or outside this PID namespace */
	bool in_vfork;	   /* state D, and its only thread is in vfork(2), clone(2) or clone3(2) */
	pid_t vfork_child; /* the last that it forked, if in_vfork; 0: not in sight */
	const struct thread_evidence *threads; /* borrowed */
	size_t n_threads;
};

struct zombie_evidence {
	pid_t pid;
	uint32_t threads; /* left in the group: more than 1 means that others live on */
	enum tri traced;
	pid_t tracer; /* when traced; 0: outside this PID namespace */
	uint8_t exit_signal;
	enum tri adopted;
	bool adopted_proven;
	enum tri lasting; /* whether dead for longer than a lazy reaper leaves them (VERDICT_LASTING_S) */
	pid_t parent_thread; /* of the parent, that forked it; 0: not known */
	enum tri ns_dying;   /* the init of its PID namespace is dying and waits */
	pid_t dying_init;    /* which, when so */
};

/* How long a zombie is dead before its adopter is said to be none that reaps, for certain */
#define VERDICT_LASTING_S 5
/* The settle time that says as much of one whose death is not dated; remedies advise it */
#define VERDICT_SETTLED_MS 2000

#define VERDICT_WHY_SIZE 320

struct verdict {
	enum verdict_code code;
	enum certainty certainty;
	enum nudge nudge;
	const char *remedy; /* static; PARENT, ZOMBIE and OTHER in it stand for the numbers below */
	pid_t parent, zombie;
	pid_t other; /* the process that must act first: a tracer, or one that is waited for */
	char why[VERDICT_WHY_SIZE]; /* one sentence that names the evidence; holds no foreign text */
};

/* The name as it stands in coroner(1), "sigchld-default"; static. */
const char *verdict_name(enum verdict_code code);
/* The verdict on one zombie of that parent. Pure. */
void verdict_of_zombie(const struct parent_evidence *parent, const struct zombie_evidence *zombie,
		       struct verdict *ret);

/*
 * The verdict on a parent: that of most of its zombies, on a tie the upper row. Where they differ,
 * why says so. n must be at least 1. Pure.
 */
void verdict_of_parent(const struct parent_evidence *parent, const struct zombie_evidence *zombies,
		       size_t n, struct verdict *ret);

/* What holds the zombie itself, whatever its parent does: "none", "threads-alive" or "traced". */
const char *zombie_blocker(const struct zombie_evidence *zombie);

#endif
