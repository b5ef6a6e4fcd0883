/* SPDX-License-Identifier: MIT */
/* What `coroner reap` is to do with the zombies of one parent, and what it did. */
#ifndef CORONER_REAPING_H
#define CORONER_REAPING_H

#include "act/reap/reap.h"
#include "case/sight.h"
#include "case/zombies/cases.h"
#include "judge/whose.h"

/* Why a zombie is not taken, before anything is tried. */
enum reap_spared {
	SPARED_NOT, /* it is to be taken */
	SPARED_OWN,
	SPARED_UNKNOWN_WHOSE,
	SPARED_YOUNG,	    /* its parent's own, and dead for less than --min-age */
	SPARED_UNKNOWN_AGE, /* its parent's own, and when it died is not known */
	SPARED_THREADS_ALIVE,
	SPARED_TRACED,
	SPARED_NOT_ASKED, /* another zombie of the same parent was named */
	SPARED_NO_NUMBER, /* its number in the parent's PID namespace could not be read */
	SPARED_NEWBORN, /* it could not be told from one that has its number by then: census_is_newborn() */
};

struct reap_item {
	const struct process *zombie; /* borrowed */
	enum whose whose;
	bool whose_proven;
	enum reap_spared spared;
	pid_t inside; /* its number in the parent's PID namespace */
	enum reap_fate fate;
};

struct reap_choice {
	bool own;
	uint64_t min_age_ms; /* of its own ones */
};

/* A zombie that is there after all was done. */
struct reap_left {
	pid_t pid;
	const struct reap_item *item; /* borrowed; NULL: it was none before */
};

enum reap_problem {
	REAP_NO_PROBLEM,
	REAP_NOT_IN_SIGHT,
	REAP_NOT_IN_SCOPE,
	REAP_HOLDS_NONE,	  /* nothing to do */
	REAP_PARENT_OUT_OF_SIGHT, /* of the zombie that was named */
};

struct reaping {
	pid_t pid; /* of the parent; where that is not in sight, what was asked for */
	char comm[TASK_COMM_LEN]; /* raw; "" for a process that is not there */
	enum reap_problem problem;
	const struct parent_case *parent; /* borrowed; NULL: there is a problem */
	struct reap_item *items;	  /* owned; one for each zombie of the parent */
	size_t n_items, n_chosen, n_taken;
	struct reap_result result; /* of what was tried or rehearsed */
	struct reap_left *left;	   /* owned */
	size_t n_left;
	bool after_known; /* left was counted anew */
	bool asked_whole; /* the parent itself was named, or all */
};

struct reapings {
	struct cases cases;   /* full; owned */
	bool dry_run;	      /* nothing is done */
	struct reaping *list; /* owned */
	size_t n;
};

/*
 * Look, and plan: the parents that the pids mean (a zombie means its parent, and itself alone), each once;
 * with n 0 every parent in sight that has a zombie which may be taken. ret must be zeroed; free it with
 * reapings_done(), also after an error. Returns 0; or a negative errno, and why is among the problems.
 */
int reapings_plan(struct sight *sight, const struct reap_choice *choice, const pid_t *pids,
		  size_t n, struct reapings *ret);
void reapings_done(struct reapings *r);

/* Of each: which thread would be stopped, where there is something to take. Changes nothing. */
void reapings_rehearse(int procfd, struct reapings *all);

/*
 * Of each: take those that were chosen, where it is due, unless dry_run. Then all are counted anew.
 * Returns 0; or a negative errno, and why is among the problems.
 */
int reapings_take(struct sight *sight, struct reapings *all);

/* Whether of all that may be taken nothing is left; or, with dry_run, nothing known forbids it. */
bool reapings_are_done(const struct reapings *all);

/* How many parents there are of which something is to be taken. */
size_t reapings_due(const struct reapings *all);

/*
 * Whether reap is what clears zombies of that parent: by default it may take some of those that were looked
 * at, a nudge does not help (nudged: one was sent, and some are left), and nothing holds the parent.
 */
bool reaping_would_help(const struct parent_case *p, bool nudged);

/* Whether there is something to take, and nothing known that forbids it. */
bool reaping_is_due(const struct reaping *r);

/* Whether what may be taken is gone: nothing was refused, and no chosen one is left. */
bool reaping_is_done(const struct reaping *r);

#endif
