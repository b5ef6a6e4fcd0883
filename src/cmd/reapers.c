/* SPDX-License-Identifier: MIT */
#include "cmd/reapers.h"

#include "cmd/dying.h"

/* How many of the adopted zombies are known to outlive a settle time, or what a lazy reaper takes */
static size_t count_stale(const struct context *ctx, const struct census *c,
			  const struct adoptions *adoptions, const struct process *p)
{
	const struct process *child;
	size_t stale = 0;

	for (child = census_first_child(c, p); child; child = census_next_child(c, child)) {
		const struct process_kernel *kernel = census_kernel(c, child);
		bool old = kernel && kernel->died_ns &&
			   c->taken_ns - kernel->died_ns > VERDICT_LASTING_S * INT64_C(1000000000);

		stale += process_is_zombie(child) && child->threads <= 1 &&
			 adoption_of(adoptions, c, child)->adopted == TRI_YES &&
			 (ctx->options.settle_ms > 0 || old);
	}
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
	ret->dying = ret->look.evidence.init == TRI_YES && dying_is(c, p);
	e.dying = ret->dying || !census_is_live(c, p);
	e.adopted_fresh = ret->adopted_zombies;
	e.adopted_stale = count_stale(ctx, c, adoptions, p);
	e.process = &ret->look.evidence;
	ret->reaps = reaps_judge(&e);
	return 0;
}

void reaper_view_done(struct reaper_view *v)
{
	parent_case_done(&v->look);
}
