/* SPDX-License-Identifier: MIT */
/* When a zombie died: what the scheduler's last notes about it allow to say, and how exactly. */
#ifndef CORONER_DEATH_H
#define CORONER_DEATH_H

#include <stdbool.h>
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
	int64_t exec_start;   /* when it last left it, on that CPU's clock of time not stolen */
	int64_t last_run; /* CPU time it used from last_arrival on; if !fair, at most this much */
	bool fair;	  /* else a realtime or deadline task: last_run is a bound */
	bool discount_known;
	int64_t discount; /* how far that CPU's clock of time not stolen lags behind now */
	int64_t start_monotonic;
	int64_t start_boottime;
	bool threads_outlived_it; /* perhaps: then the process died any time after its leader */
};

/*
 * Find the interval in which the process died: *ret_ns is its start on CLOCK_BOOTTIME (of the
 * initial time namespace) and *ret_error_ns its length. Pure.
 *
 * A task dies at the end of its last run: at last_arrival + last_run if nobody took CPU time from
 * it meanwhile, and exactly at exec_start + the discount of that moment, which lies between 0 and
 * the discount of now. Where neither bound is tight it is taken that a running task had at least
 * half of its CPU. Source: Linux kernel/sched/fair.c:update_curr(), set_next_entity(),
 * kernel/sched/stats.h:sched_info_arrive(), kernel/sched/core.c:update_rq_clock_task().
 *
 * Returns 0, or -ENODATA where the notes contradict each other: *ret_* untouched.
 */
int death_estimate(const struct death_evidence *e, const struct death_clocks *now, int64_t *ret_ns,
		   int64_t *ret_error_ns);

#endif
