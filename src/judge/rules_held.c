/* SPDX-License-Identifier: MIT */
/* Rules of verdicts: what holds the zombie itself, and what holds its parent. */
#include <string.h>

#include "judge/doing.h"
#include "judge/rules.h"

bool rule_threads_alive(struct matter *m)
{
	if (m->zombie->threads <= 1 || m->zombie->held_threads)
		return false;
	m->verdict->n = m->zombie->threads - 1;
	return fits(m, REASON_THREADS_LIVE, false);
}

bool rule_traced(struct matter *m)
{
	const uint32_t held = m->zombie->held_threads;

	if (m->zombie->traced != TRI_YES && !held)
		return false;
	m->verdict->n = held;
	if (m->zombie->tracer > 0) {
		m->verdict->other = m->zombie->tracer;
		return fits(m, held ? REASON_TRACER_HOLDS_THREADS : REASON_TRACER_HOLDS, false);
	}
	m->verdict->remedy = REMEDY_DETACH_OUTSIDE;
	return fits(m, held ? REASON_TRACER_HOLDS_THREADS : REASON_TRACER_OUTSIDE, false);
}

bool rule_namespace_dying(struct matter *m)
{
	if (m->zombie->ns_dying != TRI_YES)
		return false;
	m->verdict->other = m->zombie->dying_init;
	if (m->zombie->dying_init == m->parent->pid) {
		m->verdict->remedy = REMEDY_LAST_MEMBERS;
		return fits(m, REASON_PARENT_IS_DYING, false);
	}
	return fits(m, REASON_OUTSIDE_OF_DYING, false);
}

static bool is_in(const char *states, char state)
{
	return state && strchr(states, state);
}

/* The states that every living thread of the parent is in one of; same: at both looks */
static bool all_in(const struct parent_evidence *p, const char *states, bool *ret_same)
{
	size_t living = 0;

	*ret_same = true;
	for (size_t i = 0; i < p->n_threads; i++) {
		const struct thread_evidence *t = &p->threads[i];

		if (is_in("ZX", t->state))
			continue;
		if (!is_in(states, t->state))
			return false;
		living++;
		*ret_same &= t->same != TRI_NO;
	}
	/* without a list of them the letter is the main thread's */
	*ret_same &= living > 0 || p->single;
	return living > 0 || is_in(states, p->state);
}

bool rule_parent_stopped(struct matter *m)
{
	bool same;

	if (m->parent->core_dumping || !m->parent->seen || !all_in(m->parent, "Tt", &same))
		return false;
	m->verdict->nudge = NUDGE_UNKNOWN;
	/* one that ran meanwhile is stopped over and over, as cpulimit does it, and strace at each system call */
	same &= m->parent->ran_between != TRI_YES;
	if (doing_any_in(m->parent, 't'))
		same &= m->parent->settled == TRI_YES || m->parent->rested == TRI_YES;
	m->verdict->unsteady = m->parent->settled == TRI_YES && !same;
	if (!doing_any_in(m->parent, 't'))
		return fits(m, REASON_STOPPED_BY_SIGNAL, !same);
	m->verdict->other = m->parent->tracer;
	if (m->parent->ending == TRI_YES) {
		m->verdict->nudge = NUDGE_USELESS;
		m->verdict->remedy = m->parent->tracer > 0 ? REMEDY_DETACH_ENDING :
							     REMEDY_DETACH_ENDING_UNSEEN;
		return fits(m, REASON_HELD_AT_ITS_END, false);
	}
	m->verdict->remedy = m->parent->tracer > 0 ? REMEDY_DETACH_PARENT :
						     REMEDY_DETACH_PARENT_UNSEEN;
	return fits(m, REASON_STOPPED_BY_TRACER, !same);
}

bool rule_parent_frozen(struct matter *m)
{
	if (m->parent->frozen != TRI_YES || m->parent->core_dumping)
		return false;
	m->verdict->nudge = NUDGE_UNKNOWN;
	/* who would wait may be one of those that are not */
	if (m->parent->frozen_all == TRI_NO)
		return fits(m, REASON_FROZEN_IN_PART, true);
	/* the freezer may be at it still */
	return fits(m, REASON_FROZEN,
		    m->parent->frozen_all != TRI_YES || doing_any_in(m->parent, 'R'));
}

static bool in_vfork(const struct parent_evidence *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].in_vfork)
			return true;
	return false;
}

bool rule_parent_uninterruptible(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	bool same, vfork = in_vfork(p);

	if (p->core_dumping || !p->seen || !all_in(p, "D", &same))
		return false;
	m->verdict->nudge = NUDGE_UNKNOWN;
	m->verdict->settled = p->settled == TRI_YES && same && p->ran_between == TRI_NO;
	m->verdict->unsteady = p->settled == TRI_YES && (!same || p->ran_between == TRI_YES);
	if (vfork) {
		m->verdict->other = p->vfork_child;
		m->verdict->remedy = p->vfork_child ? REMEDY_VFORK_CHILD :
						      REMEDY_VFORK_CHILD_UNSEEN;
	}
	/* a disk may take some while */
	return fits(m, vfork ? REASON_VFORK : REASON_UNINTERRUPTIBLE,
		    !m->verdict->settled || !p->settled_long);
}
