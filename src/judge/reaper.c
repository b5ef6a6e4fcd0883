/* SPDX-License-Identifier: MIT */
#include "judge/reaper.h"

static bool crosses(const struct heir_evidence *e)
{
	return e->kernel != 0 && e->kernel < REAPER_KERNEL_STAYS_INSIDE;
}

/* How many of the ancestors the kernel looks at: none from the init on, none outside since 4.11 */
static size_t n_searched(const struct heir_evidence *e)
{
	size_t n = 0;

	while (n < e->n_ancestors && !e->ancestors[n].is_init &&
	       (e->ancestors[n].inside || crosses(e)))
		n++;
	return n;
}

static bool is_entered(const struct heir_evidence *e)
{
	return e->n_ancestors == 0 ? e->hidden == 0 : !e->ancestors[0].inside;
}

/* The way up ends at one that is there, but not in sight (hidepid) */
static bool is_cut(const struct heir_evidence *e, size_t searched)
{
	return e->hidden != 0 && searched == e->n_ancestors && e->under_subreaper != TRI_NO;
}

static void take_subreaper(const struct ancestor_evidence *a, bool exact, struct heir *ret)
{
	bool marked = a->subreaper == TRI_YES;

	ret->rule = HEIR_SUBREAPER;
	ret->pid = a->pid;
	ret->exact = exact && marked;
	ret->reason = !marked	? HEIR_IT_ADOPTED :
		      a->inside ? HEIR_IS_MARKED :
				  HEIR_IS_MARKED_OUTSIDE;
	if (marked)
		return;
	ret->other = a->adopted;
	ret->sign = a->adopted_by;
}

static void take_init(const struct heir_evidence *e, size_t searched, bool exact, struct heir *ret)
{
	ret->rule = HEIR_INIT;
	ret->pid = e->init;
	/* before 4.11 those out of sight might count */
	ret->exact = exact && !(crosses(e) && is_entered(e)) && !is_cut(e, searched);
	ret->n_between = searched;
	if (is_cut(e, searched)) {
		ret->reason = HEIR_WAY_IS_CUT;
		ret->other = e->hidden;
	} else if (is_entered(e) && !crosses(e)) {
		ret->reason = HEIR_ENTERED;
	} else if (searched == 0) {
		ret->reason = HEIR_NOBODY_BETWEEN;
	} else {
		ret->reason = ret->exact ? HEIR_NO_SUBREAPER : HEIR_NO_SUBREAPER_SEEN;
	}
}

void heir_judge(const struct heir_evidence *e, struct heir *ret)
{
	size_t n = n_searched(e);
	bool exact = true;

	*ret = (struct heir){ .rule = HEIR_NONE, .exact = true };
	if (e->is_init && !e->ended) {
		ret->reason = e->is_machine_init ? HEIR_KERNEL_PANICS : HEIR_NAMESPACE_DIES;
		return;
	}
	if (e->ended) {
		ret->reason = HEIR_ENDED;
		return;
	}
	exact = e->under_subreaper != TRI_UNKNOWN;
	for (size_t i = 0; i < n && e->under_subreaper != TRI_NO; i++) {
		const struct ancestor_evidence *a = &e->ancestors[i];
		bool marked = a->subreaper == TRI_YES ||
			      (a->subreaper == TRI_UNKNOWN && a->adopted);

		exact &= a->subreaper != TRI_UNKNOWN;
		if (!marked || !a->live)
			continue;
		take_subreaper(a, exact, ret);
		return;
	}
	take_init(e, n, exact, ret);
}

enum child_fate child_fate_judge(const struct child_evidence *e,
				 const struct heir_disposition *heir, bool *ret_exact)
{
	/* with living threads even a dead main thread goes on to get signals */
	bool ended = e->zombie && !e->threads_alive;

	if (!heir)
		return ended ? FATE_VANISHES : FATE_KILLED;
	if (!ended && e->killed == TRI_YES)
		return FATE_KILLED;
	if (!ended && e->hung_up == TRI_YES)
		return FATE_HUNG_UP;
	if (!ended && (e->killed == TRI_UNKNOWN || e->hung_up == TRI_UNKNOWN)) {
		*ret_exact = false;
		if (e->killed == TRI_UNKNOWN && e->perhaps_killed)
			return FATE_KILLED;
		if (e->hung_up == TRI_UNKNOWN && e->perhaps_hung_up)
			return FATE_HUNG_UP;
	}
	if (!ended || e->traced)
		return FATE_ADOPTED;
	if (heir->ignored == TRI_YES || heir->no_cldwait == TRI_YES)
		return FATE_VANISHES;
	*ret_exact &= heir->ignored == TRI_NO && heir->no_cldwait == TRI_NO;
	return FATE_REANNOUNCED;
}
