/* SPDX-License-Identifier: MIT */
#include "cmd/reapers.h"

#include "base/duration.h"

#define LOOK_AGAIN 32 /* zombies that are looked at again: one that stays is enough to know */

static bool is_still_zombie(const struct census *c, const struct process *p)
{
	struct details d;
	bool still;

	if (details_read(c, p, WANT_FRESH, &d) < 0)
		return false;
	still = d.process.state == 'Z';
	details_done(&d);
	return still;
}

/* One settle time is enough for all reapers of a census */
static void await_settled(const struct adoptions *adoptions)
{
	int64_t age_ms = (clock_ns(CLOCK_BOOTTIME) - adoptions->seen_ns) / 1000000;

	if (age_ms < REAPER_SETTLE_MS)
		sleep_ms((uint64_t)(REAPER_SETTLE_MS - age_ms));
}

/* How many of the adopted zombies are known to outlive a settle time: 0, or at least 1 */
static size_t count_stale(const struct context *ctx, const struct census *c,
			  const struct adoptions *adoptions, const struct process *p)
{
	const struct process *again[LOOK_AGAIN], *child;
	size_t n = 0, stale = 0;

	for (child = census_first_child(c, p); child; child = census_next_child(c, child)) {
		const struct process_kernel *kernel = census_kernel(c, child);

		if (!process_is_zombie(child) ||
		    adoption_of(adoptions, c, child)->adopted != TRI_YES || child->threads > 1)
			continue;
		if (ctx->options.settle_ms > 0 ||
		    (kernel && kernel->died_ns &&
		     c->taken_ns - kernel->died_ns > REAPER_SETTLE_MS * INT64_C(1000000)))
			stale++;
		else if (n < LOOK_AGAIN)
			again[n++] = child;
	}
	if (stale > 0 || n == 0)
		return stale;
	await_settled(adoptions);
	for (size_t i = 0; i < n; i++)
		stale += is_still_zombie(c, again[i]);
	return stale;
}

static void count_children(const struct census *c, const struct adoptions *adoptions,
			   struct reaper_view *v)
{
	const struct process *child;

	for (child = census_first_child(c, v->process); child;
	     child = census_next_child(c, child)) {
		bool adopted = adoption_of(adoptions, c, child)->adopted == TRI_YES;

		v->adopted += adopted;
		v->zombies += process_is_zombie(child);
		v->adopted_zombies += adopted && process_is_zombie(child);
	}
}

int reaper_look(struct context *ctx, const struct census *c, const struct adoptions *adoptions,
		const struct process *p, enum tri probe, struct reaper_view *ret)
{
	unsigned want = WANT_STATUS | WANT_PIDNS | WANT_CGROUP | WANT_THREADS | WANT_DOING |
			WANT_SIGNALFD_IF_BLOCKED;
	struct reaps_evidence e = { .probe = probe };
	int r;

	*ret = (struct reaper_view){ .process = p, .look.process = p };
	r = details_read(c, p, want, &ret->look.details);
	if (r < 0)
		return r;
	cases_parent_evidence(ctx, c, &ret->look);
	count_children(c, adoptions, ret);
	e.dying = p->state == 'Z' || (p->flags & PF_EXITING);
	e.adopted_stale = count_stale(ctx, c, adoptions, p);
	e.process = &ret->look.evidence;
	ret->reaps = reaps_judge(&e);
	return 0;
}

void reaper_view_done(struct reaper_view *v)
{
	parent_case_done(&v->look);
}
