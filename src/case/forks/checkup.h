/* SPDX-License-Identifier: MIT */
/*
 * One look at a machine's or container's health, in numbers: what check compares with thresholds and
 * metrics writes out.
 */
#ifndef CORONER_CHECKUP_H
#define CORONER_CHECKUP_H

#include "case/zombies/cases.h"
#include "case/forks/limits_find.h"
#include "case/scope.h"

/* Why not all that counts can be seen; how many, where that counts. words/forks/check.c says each. */
struct unseen {
	enum {
		UNSEEN_NOTHING,
		UNSEEN_DENIED,	  /* processes */
		UNSEEN_MALFORMED, /* the same */
		UNSEEN_HIDDEN,
		UNSEEN_PARTS,	  /* parents and zombies of which not all could be read */
		UNSEEN_CONTAINER, /* that was asked about */
		UNSEEN_PIDNS,
		UNSEEN_MEMBERS, /* whose PID namespace could not be read */
	} kind;
	size_t n;
};

struct checkup {
	struct cases cases;	   /* owned; with its census */
	struct scope scope;	   /* --pid-ns and --container */
	struct limits_view view;   /* owned */
	struct limits_found found; /* owned */
	size_t orphans;		   /* processes that were adopted by their parent */
	size_t most_per_parent;
	size_t unfit_inits;   /* adopters that hold zombies which they adopted */
	size_t unfit_lasting; /* of them, those that may do so for longer than a lazy reaper would */
	size_t unfit_maybe;   /* parents of zombies that are not in sight: such adopters, perhaps */
	double oldest_least_s; /* the oldest zombie died between these two ago; equal: known */
	double oldest_most_s;
	const struct limit *fullest; /* borrowed from found; NULL: none is known */
	double fullest_percent;
	bool may_act; /* its proc numbers processes as coroner does: who is named can be acted on */
	struct unseen unseen;
};

/*
 * Look once: takes the census (twice with a settle time), the cases, the limits; forks nothing. exact:
 * count out pid_max too, which takes a file more of each process, where it is a bound otherwise.
 * Returns 0, *ret then to be freed with checkup_done(); or a negative errno, and why is among the
 * problems.
 */
int checkup_take(struct sight *sight, bool exact, struct checkup *ret);
void checkup_done(struct checkup *c);

#endif
