/* SPDX-License-Identifier: MIT */
#include "census/death.h"

#include <errno.h>
#include <stdlib.h>

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
	int64_t low = e->last_arrival + e->last_run;
	int64_t high = e->last_arrival + 2 * e->runtime + PREEMPTED;

	if (e->last_arrival <= 0 || e->runtime < 0 || e->last_arrival > now->sched_clock + SLOP)
		return -ENODATA;
	if (e->task_clock > 0) {
		int64_t latest = e->task_clock + e->discount_high;

		/* last_run is longer than its CPU's clock saw: a class that does not keep it */
		if (latest < low - SLOP)
			low = e->last_arrival;
		if (latest < low - SLOP)
			return -ENODATA;
		high = min64(high, max64(latest, low));
		low = max64(low, min64(e->task_clock + e->discount_low, high));
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

/* Clocks that ran apart by more did not start together: nothing can be converted */
static bool go_together(const struct death_clocks *now)
{
	int64_t offset = now->monotonic - now->sched_clock;

	return offset >= -now->monotonic / 100 - 1000 * MS &&
	       offset <= now->monotonic / 100 + 1000 * MS;
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
	if (!go_together(now))
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

int death_clock_bounds(int64_t moment, const struct death_clocks *now, int64_t *ret_earliest,
		       int64_t *ret_latest)
{
	int64_t offset = now->monotonic - now->sched_clock, age = now->sched_clock - moment, error;

	if (moment <= 0 || !go_together(now))
		return -ENODATA;
	if (age < 0)
		age = 0;
	error = drift_error(age, offset, now->monotonic) + SLOP;
	/* the clock stands still while the machine is suspended, be that before the moment or after */
	*ret_earliest = now->monotonic - age - error;
	*ret_latest = now->boottime - age + error;
	return 0;
}

static int compare_samples(const void *a, const void *b)
{
	const struct death_sample *x = a, *y = b;

	if (x->cpu != y->cpu)
		return (x->cpu > y->cpu) - (x->cpu < y->cpu);
	return (x->task_clock > y->task_clock) - (x->task_clock < y->task_clock);
}

void death_samples_sort(struct death_sample *samples, size_t n)
{
	if (n > 0)
		qsort(samples, n, sizeof(*samples), compare_samples);
}

void death_narrow(const struct death_sample *sorted, size_t n, uint32_t cpu,
		  struct death_evidence *e)
{
	const struct death_sample wanted = { .cpu = cpu, .task_clock = e->task_clock };
	size_t low = 0, high = n;

	if (e->task_clock <= 0)
		return;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_samples(&sorted[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* one that contradicts its neighbours is of a task whose notes were reset as it ran */
	if (low > 0 && sorted[low - 1].cpu == cpu && sorted[low - 1].discount <= e->discount_high)
		e->discount_low = max64(e->discount_low, sorted[low - 1].discount);
	for (; low < n && sorted[low].cpu == cpu; low++) {
		if (sorted[low].discount < e->discount_low - SLOP)
			continue;
		e->discount_high =
			max64(e->discount_low, min64(e->discount_high, sorted[low].discount));
		break;
	}
}
