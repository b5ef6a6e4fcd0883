/* SPDX-License-Identifier: MIT */
/*
 * Having a parent collect its zombies: one of its threads is stopped and made to call wait4(2) for each
 * (tracee.h), in batches, so that it never stands still for long.
 *
 * The one who holds the thread is a child process of its own session, which looks after every zombie
 * whether coroner is still there: a coroner that is killed, at whatever instant, leaves a parent that is
 * let go in good order. Only where that child itself is killed, in the midst of a call, is the thread left
 * with the registers of that call, or its own call comes back with EINTR: REAP_LOST.
 */
#ifndef CORONER_REAP_H
#define CORONER_REAP_H

#include "act/reap/reap_threads.h"

/* What became of a zombie that was to be taken. */
enum reap_fate {
	REAP_UNTRIED,
	REAP_TAKEN,    /* by the call that it was made to do */
	REAP_VANISHED, /* it was no zombie of that parent any more: somebody else was quicker */
	REAP_HELD,     /* the kernel says: not yet. Threads of it live, or a tracer holds it */
	REAP_NO_CHILD, /* the kernel says that it is no child of that parent, or not to be seen by it */
};

struct reap_target {
	pid_t pid;
	pid_t inside; /* its number in the parent's PID namespace */
	int64_t start_ticks;
	enum reap_fate fate; /* filled in */
};

struct reap_subject {
	int procfd; /* borrowed; numbers processes as this process does (pin_check_procfs()) */
	const struct process *parent; /* borrowed */
	enum tri frozen;	      /* whether its cgroup is */
};

struct reap_result {
	enum reap_refusal refusal; /* REAP_ALLOWED: every target was tried */
	int detail;		   /* as in struct reap_view */
	pid_t thread;		   /* that was stopped, or would be; the first one, 0: none */
	int nr;			   /* of the call that it was in, -1: none */
	enum resume resume;	   /* what becomes of that call */
	int interrupted;	   /* the call that has come back with EINTR, -1: none */
	unsigned stops;		   /* how often it stood still */
	int64_t longest_ns;	   /* for how long at most, at a time */
	int64_t total_ns;
};

/* Which thread would be stopped, in which call, or why none can be. Changes nothing; always fills *ret. */
void reap_rehearse(const struct reap_subject *s, struct reap_result *ret);

/*
 * Take the n zombies: fills their fate and *ret. The parent is pinned while it is done, and each zombie is
 * looked at right before its call: same start time, same parent, a zombie. Makes a child process, which
 * is gone when this returns. No thread may run beside the caller.
 */
void reap_take(const struct reap_subject *s, struct reap_target *targets, size_t n,
	       struct reap_result *ret);

#endif
