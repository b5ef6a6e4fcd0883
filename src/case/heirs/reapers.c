/* SPDX-License-Identifier: MIT */
#include "case/heirs/reapers.h"

#include <errno.h>

#include "case/zombies/dying.h"
#include "judge/doing.h"

/* Has the reaper had its chance, and let it lie? */
static bool is_stale(const struct sight *sight, const struct census *c,
		     const struct process *zombie, const struct parent_case *reaper)
{
	const struct process_kernel *kernel = census_kernel(c, zombie);
	int64_t died = kernel ? kernel->died_ns : 0, error = kernel ? kernel->died_error_ns : 0;
	const struct zombie_evidence z = {
		.lasting = cases_dead_for(c, zombie, VERDICT_LASTING_S),
		.overdue = cases_dead_for(c, zombie, VERDICT_OVERDUE_S),
		.ran_since = cases_ran_since(c, zombie, died, error, reaper->process),
	};

	return doing_has_let_lie(&reaper->evidence, &z, sight->settle_ms > 0);
}

static size_t count_stale(const struct sight *sight, const struct census *c,
			  const struct adoptions *adoptions, const struct parent_case *reaper)
{
	const struct process *child;
	size_t stale = 0;

	for (child = census_first_child(c, reaper->process); child;
	     child = census_next_child(c, child))
		stale += process_is_zombie(child) && child->threads <= 1 &&
			 adoption_of(adoptions, c, child)->adopted == TRI_YES &&
			 is_stale(sight, c, child, reaper);
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

int reaper_look(struct sight *sight, const struct census *c, const struct adoptions *adoptions,
		const struct process *p, enum tri probe, struct reaper_view *ret)
{
	unsigned want = WANT_STATUS | WANT_PIDNS | WANT_CGROUP | WANT_THREADS | WANT_DOING |
			WANT_SIGNALFD_IF_BLOCKED;
	struct reaps_evidence e = { .probe = probe };
	int r;

	*ret = (struct reaper_view){ .process = p, .look.process = p };
	r = details_read(c, p, want, &ret->look.details);
	if (r == -ESRCH)
		return r;
	cases_parent_evidence(sight, c, &ret->look);
	count_children(c, adoptions, ret);
	ret->dying = ret->look.evidence.init == TRI_YES && dying_is(c, p) == TRI_YES;
	e.dying = ret->dying || !census_is_live(c, p);
	e.adopted_fresh = ret->adopted_zombies;
	e.adopted_stale = count_stale(sight, c, adoptions, &ret->look);
	e.may_sweep = !doing_is_idle(&ret->look.evidence) || ret->look.evidence.waits_now;
	e.process = &ret->look.evidence;
	ret->reaps = reaps_judge(&e);
	return 0;
}

void reaper_view_done(struct reaper_view *v)
{
	parent_case_done(&v->look);
}
