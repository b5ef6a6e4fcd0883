/* SPDX-License-Identifier: MIT */
/* Who inherits from the processes that were asked about; without any, every reaper in sight. */
#ifndef CORONER_REAPER_ANSWERS_H
#define CORONER_REAPER_ANSWERS_H

#include "case/heirs/fates.h"

/* One reaper of the list. */
struct reaper_row {
	enum heir_rule kind;
	bool inferred;
	struct reaper_view view;
};

struct reaper_answers {
	struct census *census; /* owned, as the rest */
	struct heirs heirs;
	bool asked; /* about processes: cases, else reapers */
	struct heir_case *cases;
	size_t n_cases;
	struct reaper_row *reapers; /* in PID order */
	size_t n_reapers, cap_reapers;
};

/*
 * Look at the n processes or, without any, at every reaper of the scope; with probe, after an experiment in each
 * of their PID namespaces. ret must be zeroed; free it with reaper_answers_done(), also after an error. Returns 0;
 * -ESRCH or another negative errno where some process could not be looked at, or the scope holds nothing, and why
 * is among the problems: what there is of an answer to a question about processes is in ret unless its census is
 * NULL.
 */
int reaper_answers_collect(struct sight *sight, const pid_t *pids, size_t n, bool probe,
			   struct reaper_answers *ret);
void reaper_answers_done(struct reaper_answers *a);

#endif
