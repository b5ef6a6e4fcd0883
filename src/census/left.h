/* SPDX-License-Identifier: MIT */
/* Since when no thread of a process has been on a CPU: what the scheduler's notes prove (BPF source). */
#ifndef CORONER_LEFT_H
#define CORONER_LEFT_H

#include "census/census.h"
#include "census/death.h"

/* When a thread was taken from its CPU. All in nanoseconds. */
struct left_note {
	uint64_t task_clock; /* on that CPU's clock, which leaves out time stolen and interrupts */
	int64_t arrived;     /* sched_clock: when it had got that CPU */
	int64_t discount;    /* that clock lagged behind sched_clock by no more when it left */
	pid_t tgid;
	uint32_t cpu;
	bool known; /* else it is on a CPU, or that CPU's clock is not known */
};

/* At a moment not before task_clock, the clock of that CPU lagged behind by no more than that. */
struct left_bound {
	uint64_t task_clock;
	int64_t discount;
	uint32_t cpu;
};

/* What one pass has noted, until census_mark_left() has made use of it. */
struct left {
	struct left_note *notes; /* owned */
	size_t n_notes, cap_notes;
	struct left_bound *bounds; /* owned */
	size_t n_bounds, cap_bounds;
	struct death_clocks now; /* when the pass began */
	int64_t timens_ns;	 /* what the reader's time namespace adds to CLOCK_BOOTTIME */
};

/* The last run of a task, as the kernel notes it: struct bpf_record_process. */
struct left_run {
	uint64_t last_arrival, exec_start, runtime; /* runtime: of all its runs */
	uint64_t discount;			    /* of its CPU, now */
	uint32_t cpu;
};

/*
 * Learn from a task that sleeps or is dead how far its CPU's clock lagged behind when it got that CPU: it
 * had run for at most all its CPU time since, so that its first moment there is known to be no earlier on
 * the one clock, and is known on the other. Of no use, and left out, is one that has run a lot, or just now
 * (its notes may be in motion). Source: Linux kernel/sched/fair.c:update_curr(), kernel/sched/stats.h:
 * sched_info_arrive(), kernel/sched/core.c:update_rq_clock_task().
 */
void left_learn(struct left *l, const struct left_run *run);

/*
 * Narrow the discounts of the notes by the bounds: a discount only ever grows, so one that held later on the
 * same CPU holds. Puts the notes in another order. Pure.
 */
void left_narrow(struct left *l);

/*
 * Set group_left_ns of every process that has children. census_take() calls it, once the index is built;
 * it frees the notes. Does nothing without BPF.
 */
void census_mark_left(struct census *c);

/*
 * After a settle time: who has not got a CPU since the look before has not run since what that one proved,
 * which is more, for less time had been stolen by then.
 */
void census_keep_left(struct census *c, const struct census *earlier);

/* Free it and all that it holds; NULL is legal. */
void left_free(struct left *l);

#endif
