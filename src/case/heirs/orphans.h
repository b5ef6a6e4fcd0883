/* SPDX-License-Identifier: MIT */
/* The orphans: the processes that were adopted by their parent, and what shows it. */
#ifndef CORONER_ORPHANS_H
#define CORONER_ORPHANS_H

#include "case/heirs/adoptions.h"
#include "case/sight.h"

struct orphan {
	const struct process *process; /* borrowed, as the next two */
	const struct process *adopter;
	const struct adoption *adoption;
	struct details details; /* with the command line where all that is known is shown */
	double age_s;		/* since its start, at the time of the census */
};

struct orphans {
	struct census *census; /* owned, as the rest */
	struct adoptions adoptions;
	struct orphan *list; /* in PID order */
	size_t n, cap;
};

/*
 * Look, and pick the adopted ones of the scope. ret must be zeroed; free it with orphans_done(), also
 * after an error. A zombie that did not outlive the settle time is none yet. What was refused becomes a
 * note. Returns 0; or a negative errno, and why is among the problems: no census, or the scope holds
 * nothing at all.
 */
int orphans_collect(struct sight *sight, struct orphans *ret);
void orphans_done(struct orphans *o);

#endif
