/* SPDX-License-Identifier: MIT */
/* One reaper (the init of a PID namespace, a subreaper) looked at: what it adopted, whether it reaps. */
#ifndef CORONER_REAPERS_H
#define CORONER_REAPERS_H

#include "case/heirs/adoptions.h"
#include "case/zombies/cases.h"
#include "judge/reaps.h"

struct reaper_view {
	const struct process *process; /* borrowed */
	struct parent_case look;       /* its details and evidence as a parent */
	size_t adopted;		       /* children that it adopted, zombies included */
	size_t adopted_zombies;
	size_t zombies; /* children in state Z */
	struct reaps reaps;
	bool dying; /* an init that is being torn down with its PID namespace */
};

/*
 * Look at one process as a reaper and judge whether it reaps. probe is the result of an experiment
 * in the same run, else UNKNOWN.
 *
 * Adopted zombies count against it only when they stay (doing_has_let_lie()): where nothing wakes it, those of a
 * census taken with --settle did, and those that BPF says have been dead for VERDICT_LASTING_S; else those dead for
 * VERDICT_OVERDUE_S. Without them the answer is UNKNOWN.
 * Returns 0, ret then freed with reaper_view_done(); or -ESRCH.
 */
int reaper_look(struct sight *sight, const struct census *c, const struct adoptions *adoptions,
		const struct process *p, enum tri probe, struct reaper_view *ret);
void reaper_view_done(struct reaper_view *v);

#endif
