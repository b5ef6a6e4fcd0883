/* SPDX-License-Identifier: MIT */
/* When a zombie died: what the scheduler's last notes about it allow to say, and how exactly. */
#ifndef CORONER_DEATH_H
#define CORONER_DEATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The same moment on three clocks, nanoseconds. */
struct death_clocks {
	int64_t sched_clock; /* the scheduler's; may lag up to one tick behind the others */
	int64_t monotonic;
	int64_t boottime;
};

/* All in nanoseconds; sched_clock where not said otherwise. */
struct death_evidence {
	int64_t last_arrival; /* when it last got a CPU */
	int64_t last_run;     /* of that run at least this much, CPU time; 0: not known */
	int64_t runtime;      /* all CPU time it ever used */
	int64_t task_clock;   /* its end, on its CPU's clock of time not stolen; 0: not known */
	int64_t discount_low; /* between these that clock lagged behind sched_clock then */
	int64_t discount_high;
	int64_t start_monotonic;
	int64_t start_boottime;
	bool threads_outlived_it; /* perhaps: then the process died any time after its leader */
};

/*
 * Find the interval in which the process died: *ret_ns is its start on CLOCK_BOOTTIME (of the
 * initial time namespace) and *ret_error_ns its length. Pure.
 *
 * A task dies at the end of its last run: after last_arrival, and exactly at task_clock plus the
 * discount of that moment. Where that bound is wide it is taken that a running task has at least
 * half of its CPU. Source: Linux kernel/sched/fair.c:update_curr(), kernel/sched/stats.h:
 * sched_info_arrive(), kernel/sched/core.c:update_rq_clock_task().
 *
 * Returns 0, or -ENODATA where the notes contradict each other: *ret_* untouched.
 */
int death_estimate(const struct death_evidence *e, const struct death_clocks *now, int64_t *ret_ns,
		   int64_t *ret_error_ns);

/*
 * CLOCK_BOOTTIME of a moment of the scheduler's clock, at the earliest and at the latest. Pure.
 * Returns 0, or -ENODATA where the clocks do not go together: *ret_* untouched.
 */
int death_clock_bounds(int64_t moment, const struct death_clocks *now, int64_t *ret_earliest,
		       int64_t *ret_latest);

/* How far a CPU's clock of time not stolen lagged behind sched_clock at one moment, nanoseconds. */
struct death_sample {
	int64_t task_clock; /* the moment, on that CPU's clock */
	int64_t discount;
	uint32_t cpu;
};

/* Put n samples in the order that death_narrow() needs. */
void death_samples_sort(struct death_sample *samples, size_t n);

/*
 * Narrow the discounts of e, who died on that CPU, by what sleeping tasks show of the time before
 * and after: a discount only ever grows. Pure.
 */
void death_narrow(const struct death_sample *sorted, size_t n, uint32_t cpu,
		  struct death_evidence *e);

#endif
