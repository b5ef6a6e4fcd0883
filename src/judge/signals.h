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
};

struct signal_thread {
	pid_t tid;
	bool dead;	  /* state Z or X: takes no signal any more */
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
	bool kernel_thread; /* PF_KTHREAD */
	enum tri init;	    /* it is the init of its PID namespace */
	enum tri outermost; /* its PID namespace is the initial one, which has no ancestor */
	enum tri frozen;
	bool frozen_by_v1; /* with YES: by the v1 freezer */
	bool traced;
	uint64_t ignored;
	uint64_t caught;
	uint64_t shared_pending;
	uint64_t signalfds;		     /* what its signalfds take, together */
	const struct signal_thread *threads; /* borrowed; at least one */
	size_t n_threads;
};

struct signal_outcome {
	enum signal_effect effect;
	bool certain;		 /* false: inferred from what could not be read in full */
	const char *why;	 /* static: the rule, a sentence */
	const char *when;	 /* static: "until it is thawed"; NULL: at once, or nobody knows */
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

/* "nothing", "dies", "stops", ... as JSON has it; static. */
const char *signal_effect_name(enum signal_effect effect);

#endif
