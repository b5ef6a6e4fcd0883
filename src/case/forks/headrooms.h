/* SPDX-License-Identifier: MIT */
/* How many more tasks fit: of the processes asked for, or of all that is limited. */
#ifndef CORONER_HEADROOMS_H
#define CORONER_HEADROOMS_H

#include "case/forks/limits.h"
#include "inspect/details.h"

struct headrooms {
	struct census *census; /* owned, as the rest */
	struct limits_view view;
	struct limit_case *cases; /* in the order asked for; of all that is limited, tightest first */
	struct details *details; /* parallel to cases: of those that are processes */
	size_t n, cap;
	bool named; /* processes were asked for */
};

struct headrooms_choice {
	bool all_users; /* not just those near their limit */
	bool force;	/* ask PID namespaces inside even where that is refused */
};

/*
 * Look, and find every limit of the n processes, or all that is limited in scope where n is 0; may enter
 * PID namespaces to ask (limits_ask()). ret must be zeroed; free it with headrooms_done(), also after an
 * error. Returns 0; or a negative errno, and why is among the problems: then census is NULL where there
 * is none, and cases lacks those that could not be looked at.
 */
int headrooms_collect(struct sight *sight, const struct headrooms_choice *choice, const pid_t *pids,
		      size_t n, struct headrooms *ret);
void headrooms_done(struct headrooms *h);

#endif
