/* SPDX-License-Identifier: MIT */
/* What becomes of each child of a process that ends. */
#ifndef CORONER_FATES_H
#define CORONER_FATES_H

#include "case/heirs/heirs.h"
#include "judge/signals.h"

struct fate {
	enum child_fate fate;
	bool exact;	   /* false: something that decides it could not be read */
	int pdeath_signal; /* it gets this one, whatever that does; 0: none, -1: not known */
	bool sighup;	   /* it gets SIGHUP, whatever that does */
};

struct child_case {
	const struct process *process; /* borrowed */
	struct fate fate;
};

/* What becomes of every child of k's process, into k->children. */
void fates_collect(struct sight *sight, const struct heirs *h, struct heir_case *k);

/* What becomes of one child of k's process. Reads the masks of one that a signal will be sent to. */
struct fate fate_of(struct sight *sight, const struct heirs *h, const struct heir_case *k,
		    const struct process *child);

/* Whether a signal that the kernel sends ends a process. */
struct fate_by_signal {
	int signal;   /* 0: it gets none, -1: not known */
	enum tri may; /* of a parent-death signal: the parent may send it, pdeath_may_send() */
	enum tri ends;
	bool perhaps; /* with UNKNOWN: most likely it does */
	enum signal_why
		why; /* with UNKNOWN: the rule that leaves it open; WHY_NOT: it could not be read */
};

/*
 * What the parent-death signal of a child, PR_SET_PDEATHSIG(2const), does: it is sent when the thread that
 * forked it ends. Known through BPF alone.
 */
struct fate_by_signal fate_by_pdeath(struct sight *sight, const struct census *c,
				     const struct process *child);

#endif
