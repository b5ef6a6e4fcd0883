/* SPDX-License-Identifier: MIT */
#include "judge/headroom.h"

#include "base/base.h"
#include "limits/kernel.h"

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

uint64_t headroom_of_pids(uint64_t max, uint64_t used, const struct pid_numbers *numbers)
{
	uint64_t all = minus(max, 1); /* numbers 1 ... max - 1 */
	uint64_t low = all < RESERVED_PIDS - 1 ? all : RESERVED_PIDS - 1;
	uint64_t free_low, free_high;

	if (!numbers->has_low)
		return minus(all, used);
	free_low = minus(low, numbers->used_low);
	free_high = minus(all - low, minus(used, numbers->used_low + numbers->used_high));
	/* past the reserved ones: what is free below is not found again */
	if (numbers->cursor > RESERVED_PIDS)
		return free_high;
	/* the search wraps to 1 as long as the cursor has not been carried past them */
	if (free_high == 0)
		return free_low;
	return numbers->free_low_ahead + free_high;
}

static void judge_one(struct limit *l)
{
	l->exact = l->exhausted || l->dead || !l->partial;
	if (l->exhausted || l->dead) {
		l->headroom = 0;
		l->has_headroom = true;
		return;
	}
	if (l->uncertain || !l->has_max || !l->has_current || l->max == LIMIT_UNLIMITED) {
		/* what is not known is not exact; no limit at all is */
		l->exact &= !l->uncertain && l->has_max && l->max == LIMIT_UNLIMITED;
		return;
	}
	l->has_headroom = true;
	if (l->kind != LIMIT_PID_MAX) {
		l->headroom = minus(l->max, l->current);
		/* others may count too, but less than nothing cannot fit */
		l->exact |= l->headroom == 0;
		return;
	}
	l->headroom = headroom_of_pids(l->max, l->current, &l->numbers);
	l->exact &= l->numbers.has_low;
}

struct headroom headroom_judge(struct limit *limits, size_t n)
{
	struct headroom h = { .binding = -1 };

	for (size_t i = 0; i < n; i++) {
		struct limit *l = &limits[i];

		judge_one(l);
		if (!l->applies)
			continue;
		if (!l->has_headroom) {
			h.unknown |= !(l->has_max && l->max == LIMIT_UNLIMITED);
			continue;
		}
		/* a bound may hide less than the one that seems to bind */
		h.unknown |= !l->exact;
		if (h.has_total && l->headroom >= h.total)
			continue;
		h.has_total = true;
		h.total = l->headroom;
		h.binding = (long)i;
	}
	if (h.has_total && h.total == 0 && limits[h.binding].exact)
		h.unknown = false;
	return h;
}

double limit_usage(const struct limit *l)
{
	uint64_t usable;

	if (l->exhausted || l->dead)
		return 100.0;
	if (!l->has_headroom || l->max == LIMIT_UNLIMITED)
		return -1.0;
	/* a pid_max of 700 whose low numbers are lost is full before 699 are taken */
	if (l->headroom == 0)
		return 100.0;
	usable = l->current + l->headroom;
	return 100.0 * (double)l->current / (double)(usable ? usable : 1);
}

const char *limit_kind_name(enum limit_kind kind)
{
	static const char *const names[] = {
		[LIMIT_CGROUP] = "cgroup",
		[LIMIT_PID_MAX] = "pid_max",
		[LIMIT_THREADS_MAX] = "threads-max",
		[LIMIT_NPROC] = "nproc",
	};

	return names[kind];
}
