/* SPDX-License-Identifier: MIT */
#include "judge/reaper.h"

#include <signal.h>
#include <stdio.h>

#define EVIDENCE(ret, ...) snprintf((ret)->evidence, HEIR_EVIDENCE_SIZE, __VA_ARGS__)

const char *heir_rule_name(enum heir_rule rule)
{
	return rule == HEIR_SUBREAPER ? "subreaper" : rule == HEIR_INIT ? "init" : "none";
}

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
	ret->rule = HEIR_SUBREAPER;
	ret->pid = a->pid;
	ret->exact = exact && a->subreaper == TRI_YES;
	if (a->subreaper == TRI_YES)
		EVIDENCE(ret,
			 "the kernel has process %d marked as a subreaper, the nearest one above%s",
			 a->pid,
			 a->inside ?
				 "" :
				 "; before Linux 4.11 one outside the PID namespace counts too");
	else
		EVIDENCE(
			ret,
			"process %d holds process %d, which it did not start (%s): only a subreaper adopts",
			a->pid, a->adopted, a->adopted_by);
}

static void take_init(const struct heir_evidence *e, size_t searched, bool exact, struct heir *ret)
{
	ret->rule = HEIR_INIT;
	ret->pid = e->init;
	/* before 4.11 those out of sight might count */
	ret->exact = exact && !(crosses(e) && is_entered(e)) && !is_cut(e, searched);
	if (is_cut(e, searched))
		EVIDENCE(
			ret,
			"process %d above it cannot be seen from here: a subreaper there or further up would inherit",
			e->hidden);
	else if (is_entered(e) && !crosses(e))
		EVIDENCE(
			ret,
			"its parent is outside its PID namespace: it entered from there, and subreapers outside do not count");
	else if (searched == 0)
		EVIDENCE(ret, "nobody stands between it and the init of its PID namespace");
	else if (ret->exact)
		EVIDENCE(ret, "no live subreaper among the ancestors in between (%zu)", searched);
	else
		EVIDENCE(
			ret,
			"no ancestor in between (%zu) shows an adopted child; a subreaper that holds none cannot be told from /proc",
			searched);
}

void heir_judge(const struct heir_evidence *e, struct heir *ret)
{
	size_t n = n_searched(e);
	bool exact = true;

	*ret = (struct heir){ .rule = HEIR_NONE, .exact = true };
	if (e->is_init && !e->ended) {
		if (e->is_machine_init)
			EVIDENCE(
				ret,
				"it is the init of the whole machine: the kernel panics when it ends");
		else
			EVIDENCE(
				ret,
				"it is the init of its PID namespace: the kernel kills all that is left in there");
		return;
	}
	if (e->ended) {
		EVIDENCE(ret, "it is dead already: what children it had were handed on then");
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
				 const struct heir_disposition *heir)
{
	/* with living threads even a dead main thread goes on to get signals */
	bool ended = e->zombie && !e->threads_alive;

	if (!heir)
		return ended ? FATE_VANISHES : FATE_KILLED;
	if (!ended && e->pdeath_signal == SIGKILL)
		return FATE_KILLED;
	if (!ended || e->traced)
		return FATE_ADOPTED;
	return heir->ignored || heir->no_cldwait ? FATE_VANISHES : FATE_REANNOUNCED;
}

const char *child_fate_name(enum child_fate fate)
{
	static const char *const names[] = { [FATE_ADOPTED] = "adopted",
					     [FATE_REANNOUNCED] = "re-announced",
					     [FATE_VANISHES] = "vanishes",
					     [FATE_KILLED] = "killed" };

	return names[fate];
}
