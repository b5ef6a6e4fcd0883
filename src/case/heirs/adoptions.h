/* SPDX-License-Identifier: MIT */
/* Which processes were adopted by their parent: the judgement of each process of a census. */
#ifndef CORONER_ADOPTIONS_H
#define CORONER_ADOPTIONS_H

#include "case/missing.h"
#include "judge/adoption.h"

struct adoptions {
	struct adoption *of;	/* owned; parallel to census->procs */
	struct missing missing; /* what was refused; owned, unless it was noted */
};

/*
 * Judge every process that has a parent in sight. Reads, in parallel and as far as BPF has not told it, the
 * status of the parents and, where the parent is the init of a PID namespace, of those of its children whose
 * session is another than its own and theirs. Kernel threads and what has
 * no parent in sight are not adopted as far as can be known: UNKNOWN.
 * ret is freed with adoptions_done().
 */
void adoptions_judge(const struct census *c, struct adoptions *ret);
void adoptions_done(struct adoptions *a);

/* That of one process of the census; borrowed. */
static inline const struct adoption *adoption_of(const struct adoptions *a, const struct census *c,
						 const struct process *p)
{
	return &a->of[p - c->procs];
}

#endif
