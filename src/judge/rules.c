/* SPDX-License-Identifier: MIT */
/* Rules of verdicts: what a parent that may run does not do. */
#include "judge/rules.h"

#include <signal.h>

#include "judge/doing.h"

/*
 * Whether it may be only too early to say that the zombie stays: it died lately, or the
 * parent had no chance to look for it so far and will have one by itself, or reaps others late. What
 * makes it so is left in the verdict.
 */
static bool may_be_late(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	struct verdict *v = m->verdict;

	const bool idle = doing_is_idle(p);

	v->young = idle && p->settled != TRI_YES && m->zombie->lasting != TRI_YES &&
		   m->zombie->ran_since != TRI_NO;
	/* it may have a first one that it is late for */
	v->recent = !idle && (m->zombie->overdue != TRI_YES || p->waited == TRI_UNKNOWN);
	v->not_run = !idle && m->zombie->ran_since != TRI_YES;
	v->late = p->waits_now || (!idle && p->waited == TRI_YES);
	v->perhaps_execed = m->zombie->replaced == TRI_UNKNOWN;
	return v->young || v->recent || v->not_run || v->late || v->perhaps_execed;
}

bool rule_clone_child(struct matter *m)
{
	if (m->zombie->exit_signal == SIGCHLD)
		return false;
	m->verdict->exit_signal = m->zombie->exit_signal;
	/* it may come to a wait with __WALL */
	(void)may_be_late(m);
	m->verdict->perhaps_execed = false;
	return fits(m, REASON_EXIT_SIGNAL,
		    m->verdict->young || m->verdict->recent || m->verdict->not_run ||
			    m->verdict->late);
}

/* A wait takes a dead child at once, unless something holds it on its way: a seccomp notifier, a tracer */
bool rule_in_flight(struct matter *m)
{
	bool stale = m->parent->settled == TRI_YES || m->zombie->lasting != TRI_NO;

	for (size_t i = 0; i < m->parent->n_threads; i++) {
		const struct thread_evidence *t = &m->parent->threads[i];
		bool held = t->in_do_wait == TRI_NO || (t->in_do_wait == TRI_UNKNOWN && stale);

		if (!doing_takes(t, m->zombie))
			continue;
		m->verdict->tid = t->tid;
		if (held)
			m->verdict->remedy = REMEDY_SEE_WAIT;
		return fits(m,
			    held			 ? REASON_WAIT_HELD :
			    t->waits == THREAD_WAITS_ANY ? REASON_WAIT_FOR_ANY :
							   REASON_WAIT_FOR_THIS,
			    held);
	}
	return false;
}

/* Only a subreaper adopts: it should be judged as one, if the adoption is none that it only looks like */
static bool may_be_subreaper(const struct matter *m)
{
	return m->parent->init != TRI_YES && m->parent->subreaper == TRI_UNKNOWN &&
	       m->zombie->adopted == TRI_YES;
}

/* The same of one whose sleep the end of another child ends */
static bool other_may_end(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	struct verdict *v = m->verdict;

	(void)may_be_late(m);
	v->not_run = v->recent = false;
	v->young = p->settled != TRI_YES && m->zombie->lasting != TRI_YES &&
		   m->zombie->ran_since != TRI_NO;
	v->late = p->waits_now || (p->waited == TRI_YES && m->zombie->lasting != TRI_YES);
	return v->young || v->late || v->perhaps_execed;
}

bool rule_unfit_init(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	struct verdict *v = m->verdict;
	bool handler = p->masks_known && p->disposition == SIGCHLD_CAUGHT;
	const struct thread_evidence *waiter = doing_waits_for_other(p, m->zombie);

	if (m->zombie->adopted != TRI_YES)
		return false;
	/* who surely adopted and is no init is a subreaper, though /proc does not say so */
	if (p->init != TRI_YES && p->subreaper != TRI_YES &&
	    (p->subreaper == TRI_NO || !m->zombie->adopted_proven))
		return false;
	if (handler && !waiter)
		v->nudge = NUDGE_MAY_HELP;
	(void)may_be_late(m);
	v->stays = doing_has_let_lie(p, m->zombie, p->settled_long);
	v->handled = handler;
	v->perhaps_adopted = !m->zombie->adopted_proven;
	v->waits_first = waiter != NULL;
	/* a settle time tells of one that nothing wakes; others may sweep later than that */
	v->sweeps = !doing_is_idle(p) || p->waits_now || p->settled_long;
	if (!v->stays)
		v->remedy = v->sweeps ? REMEDY_REAL_INIT_ONCE_IT_RAN : REMEDY_REAL_INIT_IF_IT_STAYS;
	if (p->is_machine_init)
		v->remedy = REMEDY_MACHINE_INIT;
	if (p->init != TRI_YES)
		v->remedy = REMEDY_FIX_SUBREAPER;
	/* a handler may take one a signal */
	return fits(m, p->init == TRI_YES ? REASON_INIT_ADOPTED : REASON_SUBREAPER_ADOPTED,
		    !m->zombie->adopted_proven || handler || !v->stays ||
			    (p->init != TRI_YES && p->subreaper != TRI_YES));
}

bool rule_parent_replaced(struct matter *m)
{
	if (m->zombie->replaced != TRI_YES || m->zombie->adopted == TRI_YES)
		return false;
	m->verdict->perhaps_adopted = m->zombie->adopted != TRI_NO || !m->zombie->adopted_proven;
	/* what is orphaned there comes back to it */
	if (m->parent->init == TRI_YES)
		m->verdict->remedy = REMEDY_REAL_INIT_AND_ORPHAN;
	m->verdict->same_name = m->zombie->same_name;
	return fits(m, REASON_EXECED,
		    may_be_late(m) || m->verdict->perhaps_adopted || m->verdict->same_name);
}

bool rule_waits_for_other(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	const struct thread_evidence *t = doing_waits_for_other(p, m->zombie);

	if (!t || (p->masks_known && p->disposition == SIGCHLD_CAUGHT) ||
	    doing_waits_for_signal(p) || p->signalfd == TRI_YES)
		return false;
	m->verdict->other = t->pid;
	m->verdict->tid = t->tid;
	m->verdict->unread = doing_may_take_signals(p);
	if (m->verdict->unread)
		m->verdict->nudge = NUDGE_UNKNOWN;
	m->verdict->alarms = p->sleeps_long == TRI_UNKNOWN;
	if (!t->pid)
		m->verdict->remedy = REMEDY_WAIT_FOR_EVERY;
	return fits(m, t->pid ? REASON_WAIT_FOR_OTHER : REASON_WAIT_FOR_ANOTHER,
		    other_may_end(m) || m->verdict->alarms || !p->masks_known ||
			    doing_is_unknown(p) || p->n_threads > 1 || !t->pid ||
			    t->in_do_wait == TRI_NO || may_be_subreaper(m));
}

static enum verdict_reason why_blocked(const struct parent_evidence *p,
				       const struct thread_evidence *t)
{
	if (t)
		return t->waits == THREAD_WAITS_SIGCHLD ? REASON_SIGWAIT : REASON_SIGWAIT_MAYBE;
	return p->signalfd == TRI_YES ? REASON_SIGNALFD : REASON_BLOCKED;
}

bool rule_sigchld_blocked(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	const struct thread_evidence *t = doing_waits_for_signal(p);

	if (!p->masks_known || (!p->blocked && !t))
		return false;
	/* a handler that its call keeps away for so long is one that comes to it */
	if (!t && p->call_mask && p->disposition == SIGCHLD_CAUGHT)
		return false;
	m->verdict->nudge = p->pending ? NUDGE_USELESS : NUDGE_MAY_HELP;
	m->verdict->pending = p->pending;
	if (t) {
		m->verdict->tid = t->tid;
		m->verdict->remedy = REMEDY_LOOP_AFTER_SIGWAIT;
	}
	/* a mask of one that runs is a mask of that moment: shells block SIGCHLD around a fork */
	return fits(m, why_blocked(p, t),
		    may_be_late(m) || p->state == 'R' || (t && t->waits != THREAD_WAITS_SIGCHLD) ||
			    may_be_subreaper(m));
}

bool rule_sigchld_ignored(struct matter *m)
{
	const struct parent_evidence *p = m->parent;

	if (!p->masks_known || (p->disposition != SIGCHLD_IGNORED && p->no_cldwait != TRI_YES))
		return false;
	if (doing_may_take_signals(p))
		m->verdict->nudge = NUDGE_UNKNOWN;
	return fits(m, p->disposition == SIGCHLD_IGNORED ? REASON_IGNORED : REASON_NO_CLDWAIT,
		    may_be_late(m) || may_be_subreaper(m));
}

bool rule_sigchld_default(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	bool adopted_unknown = m->zombie->adopted == TRI_UNKNOWN;

	if (!p->masks_known || p->disposition != SIGCHLD_DEFAULT)
		return false;
	m->verdict->unread = doing_may_take_signals(p);
	if (m->verdict->unread)
		m->verdict->nudge = NUDGE_UNKNOWN;
	if (p->init == TRI_YES && adopted_unknown)
		m->verdict->remedy = REMEDY_REAL_INIT_IF_ADOPTED;
	else if ((p->subreaper == TRI_YES && adopted_unknown) || may_be_subreaper(m))
		m->verdict->remedy = REMEDY_FIX_OR_SUBREAPER;
	return fits(m, REASON_DEFAULT,
		    may_be_late(m) || doing_is_unknown(p) ||
			    ((p->init == TRI_YES || p->subreaper == TRI_YES) && adopted_unknown) ||
			    may_be_subreaper(m));
}

/* Masks never prove why zombies stay below a handler: it may be slow, or have missed one signal */
bool rule_sigchld_caught(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	bool busy = p->pending || doing_any_in(p, 'R');

	if (!p->masks_known || p->disposition != SIGCHLD_CAUGHT)
		return false;
	m->verdict->nudge = p->blocked && p->pending ? NUDGE_USELESS : NUDGE_MAY_HELP;
	m->verdict->pending = p->pending;
	(void)may_be_late(m);
	if (busy)
		m->verdict->remedy = REMEDY_WAIT_FOR_LOOP;
	return fits(m, busy ? REASON_CAUGHT_BUSY : REASON_CAUGHT, true);
}

bool rule_unknown(struct matter *m)
{
	const struct parent_evidence *p = m->parent;

	m->verdict->nudge = NUDGE_UNKNOWN;
	if (p->seen)
		m->verdict->remedy = REMEDY_LOOK_WITH_RIGHTS;
	else if (p->pid)
		m->verdict->remedy = REMEDY_LOOK_UNHIDDEN;
	return fits(m,
		    p->seen ? REASON_MASKS_UNREAD :
		    p->pid  ? REASON_HIDDEN :
			      REASON_OUTSIDE,
		    true);
}
