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
	} * inits; /* owned */
	size_t n;
};

/*
 * Find the inits that are on their way out but not gone: PF_EXITING and no zombie, or a zombie whose
 * other threads still run (Linux kernel/pid_namespace.c:zap_pid_ns_processes()). Their PID namespace
 * must be readable, else they are not found.
 */
void dying_find(const struct census *c, struct dying *ret);
void dying_done(struct dying *d);

static inline bool dying_any(const struct dying *d)
{
	return d->n > 0;
}

/*
 * Is this init of a PID namespace being torn down: PF_EXITING, or, where its main thread ended before,
 * a thread of it in zap_pid_ns_processes()? false also where it cannot be told; what /proc says of its
 * system call and its SIGCHLD is of the past, or the kernel's own doing.
 */
bool dying_is(const struct census *c, const struct process *init);

/* Fill ns_dying and dying_init of one zombie's evidence; d needs WANT_PIDNS unless BPF has told. */
void dying_judge(const struct dying *dying, const struct census *c, const struct process *zombie,
		 const struct details *d, struct zombie_evidence *e);

#endif
