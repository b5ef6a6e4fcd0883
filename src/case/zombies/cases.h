/* SPDX-License-Identifier: MIT */
/*
 * The cases: each parent that holds zombies, with the evidence and the verdict. Composes the rooms
 * census, inspect, limits and judge for every command that speaks of zombies.
 */
#ifndef CORONER_CASES_H
#define CORONER_CASES_H

#include "case/sight.h"
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
	struct verdict verdict;
	enum zombie_blocker blocker;
	struct adoption adoption;
	bool looked_at; /* evidence beyond the census was gathered */
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
	struct zombie_case *zombies; /* of cases' room; in PID order, a brief case's sample */
	size_t n_zombies;	     /* how many there are, at least n_looked_at */
	size_t n_looked_at;
	const struct process **held; /* all n_zombies, a part of cases' */
	bool confirmed;		     /* a zombie was found to be its child after it was looked at */
	bool unread; /* nothing of the parent, or not its masks, could be read: it is there all the same */
	double oldest_s; /* since the oldest zombie's death or, unless exact, its birth */
	bool oldest_exact;
};

struct cases {
	struct census *census;	     /* owned */
	struct parent_case *parents; /* owned; worst first */
	const struct process **held; /* owned; the zombies of each parent side by side */
	struct zombie_case *room;    /* owned; what is looked at of them, likewise */
	size_t n;
	size_t n_zombies; /* in all parents shown */
	size_t n_dying; /* inits in scope that wait for members of their dying PID namespace, at both looks */
	size_t n_maybe_dying; /* those of which it cannot be told */
	size_t n_unread; /* parents of which nothing, or not the masks, could be read, and such zombies */
};

/*
 * Take the census (twice, with a settle time), find the parents that hold zombies, narrow them to
 * --pid-ns and --container, look at each and judge it. Left out are, each where it is proven: a parent
 * that ended meanwhile, and a zombie that was reaped before its parent had been looked at. What could not
 * be seen for want of rights becomes a note of the sight.
 * Returns 0 and cases to free with cases_done(); or a negative errno, and why is among the problems.
 */
int cases_collect(struct sight *sight, enum cases_depth depth, struct cases *ret);

struct scope;

/* Whom an answer is about. */
struct cases_about {
	const pid_t *pids; /* borrowed */
	size_t n;
	/*
	 * Sets pids and n where they are known only once there is a census; NULL: they are known. Returns 0; or a
	 * negative errno, and why is among the problems.
	 */
	int (*find)(struct cases_about *self, struct sight *sight, const struct census *c,
		    const struct scope *scope);
	void *arg; /* of find */
};

/* The same in full, of those parents in sight alone that are among pids or hold a zombie that is. */
int cases_collect_about(struct sight *sight, struct cases_about *about, struct cases *ret);
void cases_done(struct cases *cases);
void parent_case_done(struct parent_case *p);

/* Fill evidence about one process as a parent: masks, what its threads wait for, frozen, role. */
void cases_parent_evidence(struct sight *sight, const struct census *c, struct parent_case *p);

/* The evidence of adoption of child by parent; child may be NULL in parts, see adoption.h. */
struct adoption cases_adoption(const struct census *c, const struct process *child,
			       const struct details *child_details, const struct process *parent,
			       const struct details *parent_details);

/* Whether both are in the reader's own PID namespace: their sessions have the numbers there that they have for it */
static inline bool cases_on_top(const struct process_kernel *child,
				const struct process_kernel *parent)
{
	return child && parent && child->level == 0 && parent->level == 0;
}

/*
 * Whether the parent, if it was its parent then, started another program since: exec ids say so, from BPF.
 * From /proc it is NO where either never started one, and the child's name is the parent's; else UNKNOWN.
 */
enum tri cases_replaced(const struct census *c, const struct process *child,
			const struct process *parent);

/*
 * Whether a thread of the parent ran since a zombie child of it died (at died_ns at the earliest and error_ns
 * later at the latest; 0: not known). NO: none did, for certain. Without BPF a settle time tells YES alone.
 */
enum tri cases_ran_since(const struct census *c, const struct process *child, int64_t died_ns,
			 int64_t error_ns, const struct process *parent);

/* Whether a zombie has been dead for longer than that. */
enum tri cases_dead_for(const struct census *c, const struct process *zombie, int64_t seconds);

/* Index of the thread that says most of what the parent does: one that waits for children, else the main one. */
size_t cases_telling_thread(const struct parent_case *p);

/* Seconds since the start of a process, at the time of the census. */
double cases_age_s(const struct census *c, const struct process *p);

#endif
