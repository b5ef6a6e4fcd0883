/* SPDX-License-Identifier: MIT */
/* The processes that were asked about as targets of signals. */
#ifndef CORONER_SIGNAL_ANSWERS_H
#define CORONER_SIGNAL_ANSWERS_H

#include "case/signals/signal_targets.h"
#include "inspect/owner.h"

#define SIGNAL_EFFECTS_MAX 64

/* What one signal would do to it, sent from its own PID namespace and from one above. */
struct signal_effects {
	int signal;
	struct signal_outcome own, ancestor;
};

struct signal_answer {
	struct signal_view view;
	struct signal_effects effects[SIGNAL_EFFECTS_MAX];
	size_t n_effects;
	int fatal_pending;  /* signal_fatal_pending() */
	struct owner owner; /* valid when has_owner */
	bool has_owner;
};

struct signal_answers {
	struct census *census; /* owned, as the list */
	struct signal_answer *list;
	size_t n;
	bool all; /* each of the 64 signals is asked about, not just five */
};

/* Judge five signals, or all: fills ret, which has room for SIGNAL_EFFECTS_MAX; how many. Pure. */
size_t signal_effects_of(const struct signal_target *t, bool all, struct signal_effects *ret);

/*
 * Look at each of the n processes. ret must be zeroed; free it with signal_answers_done(), also after an
 * error. Returns 0; -ESRCH or -EACCES where some could not be looked at, the others are in ret and why
 * not is among the problems; or another negative errno, and ret holds no census.
 */
int signal_answers_collect(struct sight *sight, const pid_t *pids, size_t n,
			   struct signal_answers *ret);
void signal_answers_done(struct signal_answers *a);

#endif
