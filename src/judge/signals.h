/* SPDX-License-Identifier: MIT */
/* What a signal would do to a process, as a pure function over its masks and its place. */
#ifndef CORONER_JUDGE_SIGNALS_H
#define CORONER_JUDGE_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"

enum signal_effect {
	EFFECT_NOTHING, /* it is dropped, or its action is to do nothing */
	EFFECT_DIES,	/* the whole process ends */
	EFFECT_STOPS,
	EFFECT_CONTINUES,
	EFFECT_HANDLED, /* a handler runs */
	EFFECT_TAKEN,	/* sigwait, sigtimedwait or a signalfd takes it */
	EFFECT_PENDING, /* it waits: blocked, or its receiver cannot run */
	EFFECT_TRACER,	/* the tracer gets it first and decides */
	EFFECT_UNKNOWN, /* what decides it could not be read */
};

struct signal_thread {
	pid_t tid;
	bool dead;	  /* state Z or X: takes no signal any more */
	bool held;	  /* state T or t */
	bool traced;	  /* a tracer is attached to it; each thread may have another, or none */
	bool doing_known; /* its system call could be read */
	bool asleep_deep; /* state D */
	bool in_vfork;	  /* that sleep is the wait for its vfork child: a killable one */
	bool in_sigwait;  /* it sleeps in rt_sigtimedwait */
	uint64_t blocked; /* as /proc shows it: without what a sigtimedwait awaits */
	uint64_t pending; /* for it alone */
	uint64_t awaited; /* by its sigtimedwait; 0 with in_sigwait: could not be read */
};

struct signal_target {
	pid_t pid;
	char state;	    /* of the leader, as in /proc */
	bool dying;	    /* PF_EXITING, and threads are left: it is being torn down */
	bool core_dumping;  /* it has crashed and writes its core: only SIGKILL counts */
	enum tri ending;    /* SIGNAL_GROUP_EXIT without a core dump: all of it is ending */
	bool kernel_thread; /* PF_KTHREAD */
	enum tri init;	    /* it is the init of its PID namespace */
	enum tri outermost; /* its PID namespace is the initial one, which has no ancestor */
	enum tri frozen; /* its main thread is in a frozen cgroup or, where that has ended, another is */
	enum tri frozen_all; /* with YES: and so are its other living threads */
	bool frozen_by_v1;   /* with YES: by the v1 freezer */
	bool traced;	     /* its leader is */
	uint64_t ignored;
	uint64_t caught;
	uint64_t shared_pending;
	bool signalfds_known;
	uint64_t signalfds;		     /* what its signalfds take, together */
	const struct signal_thread *threads; /* borrowed; at least one */
	size_t n_threads;
};

/* The rule that an outcome follows from: words/signals.c has a sentence for each. */
enum signal_why {
	WHY_NOT, /* the rule that was asked does not hold */
	WHY_DEAD,
	WHY_DYING,
	WHY_KILLED,
	WHY_ENDING,
	WHY_ENDING_HELD,
	WHY_ENDING_MAYBE,
	WHY_CORE,
	WHY_CORE_KILL,
	WHY_KERNEL,
	WHY_IGNORED,
	WHY_HARMLESS,
	WHY_INIT,
	WHY_INIT_INSIDE,
	WHY_MACHINE,
	WHY_FORCED_INIT,
	WHY_TRACED,
	WHY_BLOCKED,
	WHY_STOPPED,
	WHY_FROZEN,
	WHY_FROZEN_V1,
	WHY_FATAL_FROZEN,
	WHY_SLEEP,
	WHY_SLEEP_BEHIND,
	WHY_FATAL_SLEEP,
	WHY_FATAL_VFORK,
	WHY_SIGWAIT,
	WHY_SIGWAIT_MAYBE,
	WHY_SIGWAIT_RACE,
	WHY_SIGWAIT_UNSEEN,
	WHY_SIGNALFD_UNSEEN,
	WHY_SIGNALFD,
	WHY_CAUGHT,
	WHY_NO_CATCH,
	WHY_DEFAULT_STOP,
	WHY_DEFAULT_DIE,
	WHY_CONTINUE_DIE,
	WHY_CONTINUE,
	WHY_COUNT,
};

enum signal_when {
	WHEN_UNTOLD, /* at once, or nobody knows */
	WHEN_RUNS,
	WHEN_THAWED,
	WHEN_AWAKE,
	WHEN_KILLABLE,
	WHEN_COUNT,
};

struct signal_outcome {
	enum signal_effect effect;
	bool certain;		 /* false: inferred from what could not be read in full */
	enum signal_why why;	 /* the rule */
	enum signal_when when;	 /* how long a pending one stays so */
	enum signal_effect then; /* what a pending one does after that; EFFECT_PENDING: not known */
};

/*
 * What signal (1 to 64) does to target when a process sends it by kill(2) that may: from target's
 * own PID namespace, or from an ancestor of it, where the sender has no number inside.
 * Source: Linux v6.18 kernel/signal.c: send_signal_locked(), prepare_signal(), sig_ignored(),
 * sig_task_ignored(), complete_signal(), get_signal(); signal(7), pid_namespaces(7). Pure.
 */
struct signal_outcome signal_judge(const struct signal_target *target, int signal,
				   bool from_ancestor);

/*
 * A pending signal that ends the process as soon as it runs again, for it is stopped, frozen or in
 * uninterruptible sleep now: nothing handles, blocks or awaits it. 0: there is none; of several the
 * lowest other than SIGKILL, which the kernel adds to many of them. Source: as above. Pure.
 */
int signal_fatal_pending(const struct signal_target *target);

/* Whether SIGKILL is pending, for all of it: nothing more is to be sent. Pure. */
bool signal_kill_pending(const struct signal_target *target);

#endif
