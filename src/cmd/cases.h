/* SPDX-License-Identifier: MIT */
/*
 * The cases: each parent that holds zombies, with the evidence and the verdict. Composes the rooms
 * census, inspect, limits and judge for every command that speaks of zombies.
 */
#ifndef CORONER_CASES_H
#define CORONER_CASES_H

#include "cmd/cmd.h"
#include "inspect/details.h"
#include "judge/adoption.h"
#include "judge/verdict.h"

enum cases_depth {
	CASES_BRIEF, /* for a line a parent: of many zombies only a sample is looked at closely */
	CASES_FULL,  /* everything that JSON shows, of every zombie */
};

struct zombie_case {
	const struct process *process; /* borrowed from the census */
	struct details details;	       /* read in a full case; else the process alone */
	struct zombie_evidence evidence;
	struct adoption adoption;
	bool looked_at; /* evidence beyond the census was gathered */
	bool confirms;	/* still its parent's after the parent was looked at */
	bool exit_known;
	bool death_known;
	int64_t died_ns; /* CLOCK_BOOTTIME, when death_known */
};

struct parent_case {
	const struct process *process; /* borrowed; NULL: the parent is not in sight */
	struct details details;
	struct parent_evidence evidence;
	struct thread_evidence *threads; /* owned, one for each of details.threads */
	struct verdict verdict;
	struct zombie_case *zombies; /* owned; in PID order, the looked-at ones of a brief case */
	size_t n_zombies;	     /* how many there are, at least n_looked_at */
	size_t n_looked_at;
	const struct process **held; /* all n_zombies, a part of cases' */
	double oldest_s; /* since the oldest zombie's death or, unless exact, its birth */
	bool oldest_exact;
};

struct cases {
	struct census *census;	     /* owned */
	struct parent_case *parents; /* owned; worst first */
	const struct process **held; /* owned; the zombies of each parent side by side */
	size_t n;
	size_t n_zombies; /* in all parents shown */
};

/*
 * Take the census (twice, with a settle time), find the parents that hold zombies, narrow them to
 * --pid-ns and --container, look at each and judge it. A parent that vanishes meanwhile is left
 * out. What could not be seen for want of rights becomes a note of the context.
 * Returns 0 and cases to free with cases_done(); or, after complaining, a negative errno.
 */
int cases_collect(struct context *ctx, enum cases_depth depth, struct cases *ret);

/* The same in full, of those parents in sight alone that are among pids or hold a zombie that is. */
int cases_collect_about(struct context *ctx, const pid_t *pids, size_t n, struct cases *ret);
void cases_done(struct cases *cases);
void parent_case_done(struct parent_case *p);

/* The verdict on one zombie of a parent. */
void cases_judge_zombie(const struct parent_case *p, const struct zombie_case *z,
			struct verdict *ret);

/* Fill evidence about one process as a parent: masks, what its threads wait for, frozen, role. */
void cases_parent_evidence(struct context *ctx, const struct census *c, struct parent_case *p);

/* The evidence of adoption of child by parent; child may be NULL in parts, see adoption.h. */
struct adoption cases_adoption(const struct census *c, const struct process *child,
			       const struct details *child_details, const struct process *parent,
			       const struct details *parent_details);

/* Seconds since the start of a process, at the time of the census. */
double cases_age_s(const struct census *c, const struct process *p);

#endif
