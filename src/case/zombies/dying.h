/* SPDX-License-Identifier: MIT */
/* PID namespaces whose init is dying and waits for the last member: evidence for namespace-dying. */
#ifndef CORONER_DYING_H
#define CORONER_DYING_H

#include "inspect/details.h"
#include "judge/verdict.h"

struct dying {
	struct dying_init {
		uint64_t pidns;
		pid_t pid;
		bool certain;
	} * inits; /* owned */
	size_t n;
};

/*
 * Find the inits that are on their way out and not gone: see dying_is(). One of which it cannot be told
 * is found, and not certain. Their PID namespace must be readable, else they are not found.
 */
void dying_find(const struct census *c, struct dying *ret);
void dying_done(struct dying *d);

/* Whether there is one. */
static inline bool dying_any(const struct dying *d)
{
	return d->n > 0;
}

/*
 * Is this init of a PID namespace tearing it down: a thread of it in zap_pid_ns_processes() (Linux
 * kernel/pid_namespace.c)? An init whose main thread has ended is alive while another thread is. BPF
 * knows; from procfs it takes ptrace access. What /proc says of the system call and the SIGCHLD of one that
 * is dying is of the past, or the kernel's own doing.
 */
enum tri dying_is(const struct census *c, const struct process *init);

/* Whether this init was on its way out at an earlier look, too; without one (NULL) it was. */
bool dying_was(const struct census *earlier, const struct process *init);

/*
 * Fill ns_dying and dying_init of one zombie's evidence. Not so where its parent is a member itself: what holds
 * that one, holds the zombie. d needs WANT_PIDNS and WANT_STATUS, that of its parent (NULL: not in sight) the latter,
 * unless BPF has told.
 */
void dying_judge(const struct dying *dying, const struct census *c, const struct process *zombie,
		 const struct details *d, const struct details *parent, struct zombie_evidence *e);

#endif
