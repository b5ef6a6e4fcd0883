/* SPDX-License-Identifier: MIT */
/* What check finds: a checkup, and its metrics judged by thresholds. */
#ifndef CORONER_HEALTH_H
#define CORONER_HEALTH_H

#include "case/forks/checkup.h"
#include "judge/alerts/thresholds.h"

struct health {
	struct checkup checkup; /* owned; of nothing where it could not be taken */
	struct check_metric metrics[N_CHECK_METRICS];
	size_t n_metrics;
	enum check_state status;
	char *failure; /* owned; why nothing was found out; NULL: something was */
};

/*
 * Look, and judge. state (NULL: none) is the file that remembers refused forks for their rate; it is
 * written. ret must be zeroed; free it with health_done(), also after an error. The metrics borrow from
 * the thresholds. Returns 0; or a negative errno, and why is among the problems.
 */
int health_take(struct sight *sight, const struct check_thresholds *thresholds, const char *state,
		struct health *ret);
void health_done(struct health *h);

#endif
