/* SPDX-License-Identifier: MIT */
#include "census/death.h"

#include <errno.h>

#define MS INT64_C(1000000)
#define SLOP (12 * MS)	    /* a tick at HZ=100, and what passes between two notes of one event */
#define PREEMPTED (50 * MS) /* what a short last run may have lost to others */

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The interval on the scheduler's clock */
static int bound(const struct death_evidence *e, const struct death_clocks *now, int64_t *ret_low,
		 int64_t *ret_high)
{
	int64_t low = e->last_arrival + (e->fair ? e->last_run : 0);
	int64_t high = e->last_arrival + 2 * e->last_run + PREEMPTED;

	if (e->last_arrival <= 0 || e->last_run < 0 || e->last_arrival > now->sched_clock + SLOP)
		return -ENODATA;
	if (e->discount_known && e->exec_start > 0) {
		int64_t latest = e->exec_start + e->discount;

		/* last_run is too long for what the CPU's clock saw: not this scheduling class */
		if (latest < low - SLOP)
			low = e->last_arrival;
		if (latest < low - SLOP)
			return -ENODATA;
		high = min64(high, max64(latest, low));
		/* nor can it have died before its CPU's clock, which is never ahead, said so */
		low = max64(low, min64(e->exec_start, high));
	}
	if (e->threads_outlived_it)
		high = now->sched_clock;
	high = min64(high, now->sched_clock);
	*ret_low = min64(low, high);
	*ret_high = high;
	return 0;
}

/*
 * How wrong a stretch of the scheduler's clock may be when taken for CLOCK_MONOTONIC, which NTP
 * steers: no more than all steering since boot, than the steepest steering there is, and than the
 * mean rate plus what that rate wanders.
 */
static int64_t drift_error(int64_t age, int64_t offset, int64_t uptime)
{
	int64_t all = offset < 0 ? -offset : offset;
	int64_t steepest = age / 2000;
	double mean = uptime > 0 ? (double)all / (double)uptime : 0;
	int64_t wander = (int64_t)((double)age * (2e-6 + mean / 4));

	return min64(min64(all, steepest), wander);
}

int death_estimate(const struct death_evidence *e, const struct death_clocks *now, int64_t *ret_ns,
		   int64_t *ret_error_ns)
{
	int64_t offset = now->monotonic - now->sched_clock;
	int64_t suspended = now->boottime - now->monotonic;
	int64_t suspended_before = e->start_boottime - e->start_monotonic;
	int64_t low, high, age;
	int r = bound(e, now, &low, &high);

	if (r < 0)
		return r;
	/* clocks that ran apart like this did not start together: nothing can be converted */
	if (offset < -now->monotonic / 100 - 1000 * MS || offset > now->monotonic / 100 + 1000 * MS)
		return -ENODATA;
	age = now->sched_clock - low;
	if (now->sched_clock > 0)
		age += (int64_t)((double)age * (double)offset / (double)now->sched_clock);
	/* the clock stands still while the machine is suspended, so it may have died before that */
	*ret_ns = now->monotonic - age + suspended_before;
	*ret_error_ns = high - low + drift_error(age, offset, now->monotonic) +
			max64(0, suspended - suspended_before);
	return 0;
}
