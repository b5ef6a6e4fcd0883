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
	VERDICT_PARENT_REPLACED,
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
	char state;	  /* as in /proc */
	enum tri same; /* with a settle time: it was in that state (T, t or D) at both looks, and ran in between no more */
	bool in_vfork;	     /* in D, and waits for the child that it forked */
	enum tri in_do_wait; /* the kernel function that it sleeps in is that of a wait for children */
};

struct parent_evidence {
	bool seen; /* false: it is outside this PID namespace or hidden; nothing below counts */
	pid_t pid;
	char state;	     /* as a whole, as in /proc; that of each thread is below */
	bool single;	     /* it has no other threads */
	enum tri frozen;     /* its main thread is in a frozen cgroup */
	enum tri frozen_all; /* with YES: and so are its other living threads */
	enum tri settled;    /* YES: the state was the same before and after a settle time */
	bool settled_long;   /* that settle time was VERDICT_SETTLED_MS at least */
	enum tri ran_between; /* a thread of it got a CPU between the two looks; UNKNOWN: there was one */
	enum tri rested; /* none of its threads ran in the last VERDICT_REST_MS */
	/*
	 * All of its threads sleep, and none of them will be woken by the time that passes: their calls
	 * have no time limit, or one that is VERDICT_LONG_SLEEP_S away. What else may wake them, doing_is_idle()
	 * knows
	 */
	enum tri sleeps_long;
	enum tri waited; /* it has waited for a child at some time, perhaps before it ran this program */
	bool waits_now;	 /* and did so between the two looks */
	enum tri ending; /* it is ending already, all of it, though it is no zombie yet */
	bool core_dumping; /* it has crashed, and its core is being written: only SIGKILL reaches it */
	enum tri init;	   /* it is the init of its PID namespace */
	bool is_machine_init; /* and that namespace is the initial one */
	enum tri subreaper;
	bool masks_known; /* disposition, blocked, pending */
	enum sigchld_disposition disposition;
	bool blocked; /* by every thread, as /proc shows it */
	bool call_mask; /* perhaps for the time of the call that a thread is in, which takes a mask with it */
	bool pending; /* for the process: a second one would merge with it */
	enum tri no_cldwait;
	enum tri signalfd;
	bool reads; /* it waits to read from a pipe or a socket: it may come to its wait after that */
	bool fed; /* a thread waits for what others may send whenever they like, or a timer of its own */
	pid_t tracer;	   /* of its main thread; 0: none, or outside this PID namespace */
	pid_t vfork_child; /* the last that it forked, if a thread is in vfork; 0: not in sight */
	const struct thread_evidence *threads; /* borrowed */
	size_t n_threads;
};

struct zombie_evidence {
	pid_t pid;
	uint32_t threads; /* left in the group: more than 1 means that others live on, or that these are dead too */
	uint32_t held_threads; /* with that: all others are dead, and kept by tracer; else 0 */
	enum tri traced;
	pid_t tracer; /* when traced; 0: outside this PID namespace */
	uint8_t exit_signal;
	enum tri adopted;
	bool adopted_proven;
	enum tri replaced; /* it is older than the program that its parent runs, if that one started it */
	bool same_name;	    /* when so: it is a copy of a program with that one's name */
	enum tri ran_since; /* a thread of the parent ran after it died; NO: none did, for certain */
	enum tri lasting; /* whether dead for longer than one that a reaper is about to take (VERDICT_LASTING_S) */
	enum tri overdue; /* whether dead for longer than any lazy reaper leaves them (VERDICT_OVERDUE_S) */
	pid_t parent_thread; /* of the parent, that forked it; 0: not known */
	enum tri ns_dying;   /* the init of its PID namespace is dying and waits */
	pid_t dying_init;    /* which, when so */
};

/* How far away the end of a sleep is before it counts as none that ends by itself */
#define VERDICT_LONG_SLEEP_S 300
/* The same of one whose beginning is not known */
#define VERDICT_LONG_CALL_S 900
/* How long a zombie is dead before a parent that nothing wakes is said not to take it, for certain */
#define VERDICT_LASTING_S 5
/*
 * The same of one that runs every now and then and has never waited for a child: those that sweep do so every
 * few seconds, the laziest every few minutes
 */
#define VERDICT_OVERDUE_S 600
/* The settle time that says as much of one whose death is not dated; remedies advise it */
#define VERDICT_SETTLED_MS 2000
#define VERDICT_REST_MS 5 /* strace holds a thread for less at each system call */

/* Which form of its verdict a case is: words/verdict.c has a sentence for each. */
enum verdict_reason {
	REASON_THREADS_LIVE,	     /* n of them */
	REASON_TRACER_HOLDS,	     /* other */
	REASON_TRACER_OUTSIDE,	     /* of this PID namespace */
	REASON_TRACER_HOLDS_THREADS, /* other, 0: outside; n of them, dead */
	REASON_PARENT_IS_DYING,	     /* it is the init that waits */
	REASON_OUTSIDE_OF_DYING, /* other: the init that waits until the parent, outside, reaps */
	REASON_STOPPED_BY_SIGNAL,
	REASON_STOPPED_BY_TRACER, /* other, where it is in sight */
	REASON_HELD_AT_ITS_END,	  /* the same, of a parent that is ending */
	REASON_FROZEN,
	REASON_FROZEN_IN_PART,
	REASON_UNINTERRUPTIBLE,
	REASON_VFORK, /* other: the child, where it is in sight */
	REASON_EXIT_SIGNAL,
	REASON_WAIT_FOR_ANY,  /* tid sits in it */
	REASON_WAIT_FOR_THIS, /* the same */
	REASON_WAIT_HELD,     /* tid is in such a wait, but something holds that */
	REASON_INIT_ADOPTED,
	REASON_SUBREAPER_ADOPTED,
	REASON_EXECED,
	REASON_WAIT_FOR_OTHER,	 /* tid for other */
	REASON_WAIT_FOR_ANOTHER, /* tid for one that has no number here */
	REASON_SIGWAIT,		 /* tid, for SIGCHLD */
	REASON_SIGWAIT_MAYBE,	 /* tid, for signals that are not known */
	REASON_SIGNALFD,
	REASON_BLOCKED,
	REASON_IGNORED,
	REASON_NO_CLDWAIT,
	REASON_DEFAULT,
	REASON_CAUGHT,
	REASON_CAUGHT_BUSY, /* it is on a CPU, or a SIGCHLD is pending */
	REASON_CORE_DUMP,
	REASON_MASKS_UNREAD,
	REASON_HIDDEN,
	REASON_OUTSIDE,
	REASON_COUNT,
};

/* What helps. A verdict has one of its own, and others for forms of it: words/remedy.c says each. */
enum verdict_remedy {
	REMEDY_END_THREADS,
	REMEDY_DETACH,
	REMEDY_DETACH_OUTSIDE,
	REMEDY_LAST_MEMBERS,
	REMEDY_FREE_DYING,
	REMEDY_CONTINUE,
	REMEDY_DETACH_PARENT,
	REMEDY_DETACH_PARENT_UNSEEN,
	REMEDY_DETACH_ENDING, /* of a parent that is ending */
	REMEDY_DETACH_ENDING_UNSEEN,
	REMEDY_THAW,
	REMEDY_WCHAN,
	REMEDY_VFORK_CHILD,
	REMEDY_VFORK_CHILD_UNSEEN,
	REMEDY_WAIT_WALL,
	REMEDY_LOOK_AGAIN,
	REMEDY_SEE_WAIT,
	REMEDY_REAL_INIT,
	REMEDY_REAL_INIT_IF_IT_STAYS,
	REMEDY_REAL_INIT_ONCE_IT_RAN,
	REMEDY_MACHINE_INIT,
	REMEDY_FIX_SUBREAPER,
	REMEDY_ORPHAN_BEFORE_EXEC,
	REMEDY_REAL_INIT_AND_ORPHAN, /* of an init that ran another program before */
	REMEDY_SEE_OTHER,
	REMEDY_WAIT_FOR_EVERY,
	REMEDY_UNBLOCK,
	REMEDY_LOOP_AFTER_SIGWAIT,
	REMEDY_WAIT_ONCE,
	REMEDY_FIX_PARENT,
	REMEDY_SEE_READ,
	REMEDY_END_HOLDER, /* other holds what it reads from */
	REMEDY_REAL_INIT_IF_ADOPTED,
	REMEDY_FIX_OR_SUBREAPER,
	REMEDY_FIX_HANDLER,
	REMEDY_FIX_DEAF_HANDLER, /* a nudge has been tried, and nothing came of it */
	REMEDY_WAIT_FOR_LOOP,
	REMEDY_END_DUMP,
	REMEDY_LOOK_WITH_RIGHTS,
	REMEDY_LOOK_UNHIDDEN,
	REMEDY_LOOK_FROM_OUTSIDE,
	REMEDY_COUNT,
};

/* Why a nudge is useless, where it is. */
enum nudge_useless {
	USELESS_DROPPED, /* no handler, or ignored: the kernel drops it */
	USELESS_NOT_YET, /* the zombie cannot be taken, whatever the parent is sent */
	USELESS_PLAIN_WAIT,
	USELESS_TAKEN,	 /* it is being reaped already */
	USELESS_PENDING, /* one is pending, and another would merge with it */
};

/* What goes with a verdict, whatever the case is. */
struct verdict_traits {
	bool restart_helps; /* of the container that the parent is in */
	bool init_helps;    /* a real init in that container */
	bool held; /* zombie or parent is held: what the parent would do counts only after */
	bool own_code; /* it lies with what the parent's own code does: one that crashed runs no more of it */
	bool lacks_wait; /* what lacks is a plain wait of the parent for it, for all that is known */
	bool reads_first; /* one that waits to read from others may come to its wait after that */
	bool look_again;  /* where it is only likely a second look comes before the remedy */
	bool alerting;	  /* else nothing is wrong */
	enum nudge_useless useless;
};

/* What the parent is to its PID namespace: it decides what its end would come to. */
enum verdict_role {
	ROLE_UNKNOWN,
	ROLE_PROCESS, /* or a subreaper */
	ROLE_INIT,
	ROLE_MACHINE_INIT,
};

struct verdict {
	enum verdict_code code;
	enum certainty certainty;
	enum nudge nudge;
	enum verdict_reason reason;
	enum verdict_remedy remedy;
	enum verdict_role role;
	bool alerting;	       /* as its traits say */
	bool may_have_adopted; /* an init, and whether it adopted the zombie is not known */
	pid_t parent, zombie;
	pid_t other; /* another process that it hangs on, see the reason; 0: none */
	pid_t tid;   /* the thread of the parent that shows it; 0: none */
	uint32_t n;
	uint8_t exit_signal; /* of the zombie */
	bool settled;	     /* it was so before and after a settle time */
	bool unsteady; /* with a settle time: it was not so all the time between the two looks */
	bool stays;    /* the zombie is dead for longer than lazy reapers leave them */
	bool pending;  /* a SIGCHLD, for the parent */
	bool unread;   /* a thread may sit in a wait that could not be read */
	bool young;    /* it is not known to be dead for long: a settle time tells */
	bool recent; /* the parent may run at any time, and has not let it lie for long, for all that is known */
	bool not_run;	      /* the parent has not run since it died, or is not known to have */
	bool perhaps_adopted; /* that is not known */
	bool perhaps_execed; /* the parent may have run another program when it started the zombie */
	bool handled;	     /* an adopter has a handler for SIGCHLD, which may take one a signal */
	bool sweeps; /* an adopter may run and look for them at any time, for all that is known */
	bool waits_first; /* an adopter waits for another child, and may look for them after that */
	bool reads; /* the parent waits to read from others, and may come to its wait after that */
	bool same_name; /* the parent may have run its own program anew */
	bool alarms;	/* a timer may end the wait that the parent is in */
	bool late; /* the parent has waited for children before, perhaps later than they died, and may again */
	/* of a parent whose zombies differ: how many have each verdict, and all 0 else */
	uint32_t mixed[VERDICT_COUNT];
};

/* The row of a verdict; static. */
const struct verdict_traits *verdict_traits(enum verdict_code code);

/* The verdict on one zombie of that parent. Pure. */
void verdict_of_zombie(const struct parent_evidence *parent, const struct zombie_evidence *zombie,
		       struct verdict *ret);

/*
 * The verdict on a parent from those on its zombies: that of most of them, on a tie the upper row. Where
 * they differ, mixed says so. n must be at least 1. Pure.
 */
void verdict_of_parent(const struct verdict *const *zombies, size_t n, struct verdict *ret);

/* What holds the zombie itself, whatever its parent does. */
enum zombie_blocker {
	BLOCKER_NONE,
	BLOCKER_THREADS_ALIVE,
	BLOCKER_TRACED,
};

/* Of a process that shows as a zombie: which of these it is. Pure. */
enum zombie_blocker zombie_blocker(const struct zombie_evidence *zombie);

#endif
