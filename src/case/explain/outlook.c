/* SPDX-License-Identifier: MIT */
/* What would come of it: of a nudge, of signals, of what the verdict says to do. */
#include <signal.h>
#include <sys/capability.h>
#include <unistd.h>

#include "base/rights.h"
#include "case/explain/explain_case.h"

static bool waits_for_outsider(const struct parent_case *p)
{
	for (size_t i = 0; i < p->n_looked_at; i++)
		if (p->zombies[i].evidence.ns_dying == TRI_YES &&
		    p->zombies[i].evidence.dying_init == p->evidence.pid)
			return false;
	return true;
}

static enum nudge_useless useless_of(enum verdict_code code, const struct parent_case *parent)
{
	if (code == VERDICT_NAMESPACE_DYING && waits_for_outsider(parent))
		code = VERDICT_SIGCHLD_DEFAULT;
	return verdict_traits(code)->useless;
}

/* Linux kernel/signal.c:sig_ignored(): one that is blocked, caught or traced is queued */
static bool is_dropped(const struct parent_evidence *p)
{
	return p->masks_known && p->disposition != SIGCHLD_CAUGHT && !p->blocked && p->state != 't';
}

/* What keeps the parent from reaping is not all: nothing shows that it would reap without that */
static bool is_asleep_to_children(const struct explain_case *e)
{
	const struct parent_evidence *p = &e->parent->evidence;

	if (!verdict_traits(e->verdict.code)->held || !p->masks_known || p->ending == TRI_YES ||
	    p->disposition != SIGCHLD_DEFAULT || p->blocked || p->no_cldwait == TRI_YES)
		return false;
	for (size_t i = 0; i < p->n_threads; i++) {
		const struct thread_evidence *t = &p->threads[i];

		/* one that waits for exactly this zombie takes it */
		if (t->waits == THREAD_WAITS_PID && t->pid != e->verdict.zombie)
			continue;
		if (t->waits != THREAD_WAITS_NOT)
			return false;
	}
	return p->n_threads > 0;
}

/* A mixed parent: the other kinds of its zombies */
static void find_others(struct explain_case *e)
{
	const struct parent_case *p = e->parent;
	bool told[VERDICT_COUNT] = { false };
	size_t cap = 0;

	for (size_t i = 0; !e->zombie && i < p->n_looked_at; i++) {
		const struct verdict *v = &p->zombies[i].verdict;

		if (v->code == e->verdict.code || told[v->code])
			continue;
		told[v->code] = true;
		ARRAY_GROW(e->others, e->n_others, cap);
		e->others[e->n_others++] = *v;
	}
}

/* Linux kernel/signal.c:kill_ok_by_cred(), by the real IDs */
static bool is_beyond_rights(const struct sight *sight, const struct details *d)
{
	return details_has(d, WANT_STATUS) && d->status.uid != getuid() &&
	       d->status.uid != geteuid() && !(sight->rights & RIGHT(CAP_KILL));
}

static void look_at_signals(const struct sight *sight, struct explain_case *e)
{
	const struct details *d = &explain_focus(e)->details;
	const bool from_ancestor = details_depth(d) > 0;

	e->term = signal_judge(&e->signals.target, SIGTERM, from_ancestor);
	e->kill = signal_judge(&e->signals.target, SIGKILL, from_ancestor);
	e->fatal_pending = signal_fatal_pending(&e->signals.target);
	e->beyond_rights = is_beyond_rights(sight, d);
}

void explain_find_outlook(struct sight *sight, struct explain_case *e)
{
	if (e->has_signals)
		look_at_signals(sight, e);
	if (!e->parent)
		return;
	e->useless = useless_of(e->verdict.code, e->parent);
	e->nudge_dropped = is_dropped(&e->parent->evidence);
	e->deaf = is_asleep_to_children(e);
	if (e->verdict.code == VERDICT_PARENT_FROZEN)
		e->thaw = explain_find_thaw(sight, &e->parent->details);
	find_others(e);
}
