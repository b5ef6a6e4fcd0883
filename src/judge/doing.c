/* SPDX-License-Identifier: MIT */
#include "judge/doing.h"

#include <sys/wait.h>

/* Without WEXITED it wants no dead ones, with WNOWAIT it leaves them, __WCLONE alone wants others */
static bool reaps_ordinary(const struct thread_evidence *t)
{
	return (t->options & WEXITED) && !(t->options & WNOWAIT) &&
	       !((t->options & __WCLONE) && !(t->options & __WALL));
}

bool doing_any_in(const struct parent_evidence *p, char state)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].state == state)
			return true;
	return p->state == state;
}

bool doing_takes(const struct thread_evidence *t, const struct zombie_evidence *z)
{
	if (t->waits != THREAD_WAITS_ANY && !(t->waits == THREAD_WAITS_PID && t->pid == z->pid))
		return false;
	return reaps_ordinary(t) && (!(t->options & __WNOTHREAD) || z->parent_thread == t->tid);
}

bool doing_waits_for_any(const struct parent_evidence *p)
{
	for (size_t i = 0; i < p->n_threads; i++) {
		const struct thread_evidence *t = &p->threads[i];

		/* something may hold the call before it begins */
		if (t->waits == THREAD_WAITS_ANY && t->in_do_wait != TRI_NO && reaps_ordinary(t) &&
		    !(t->options & __WNOTHREAD))
			return true;
	}
	return false;
}

const struct thread_evidence *doing_waits_for_other(const struct parent_evidence *p,
						    const struct zombie_evidence *z)
{
	for (size_t i = 0; i < p->n_threads; i++) {
		const struct thread_evidence *t = &p->threads[i];

		if (t->waits == THREAD_WAITS_PID && t->pid != z->pid)
			return t;
	}
	return NULL;
}

const struct thread_evidence *doing_waits_for_signal(const struct parent_evidence *p)
{
	const struct thread_evidence *maybe = NULL;

	for (size_t i = 0; i < p->n_threads; i++) {
		if (p->threads[i].waits == THREAD_WAITS_SIGCHLD)
			return &p->threads[i];
		if (p->threads[i].waits == THREAD_WAITS_SIGNALS)
			maybe = &p->threads[i];
	}
	return maybe;
}

bool doing_is_idle(const struct parent_evidence *p)
{
	if (p->sleeps_long != TRI_YES || p->reads || p->fed)
		return false;
	/* its handler runs as soon as another one dies */
	if (p->masks_known && p->disposition == SIGCHLD_CAUGHT && !p->blocked)
		return false;
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].waits != THREAD_WAITS_NOT &&
		    p->threads[i].waits != THREAD_WAITS_UNKNOWN)
			return false;
	return true;
}

bool doing_has_let_lie(const struct parent_evidence *p, const struct zombie_evidence *z,
		       bool settled)
{
	if (p->waits_now)
		return false;
	if (doing_is_idle(p))
		return settled || z->lasting == TRI_YES;
	return z->overdue == TRI_YES && z->ran_since == TRI_YES && p->waited == TRI_NO;
}

bool doing_is_unknown(const struct parent_evidence *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].waits == THREAD_WAITS_UNKNOWN)
			return true;
	return p->n_threads == 0;
}

bool doing_may_take_signals(const struct parent_evidence *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].waits == THREAD_WAITS_UNKNOWN && !p->threads[i].running)
			return true;
	return p->n_threads == 0;
}
