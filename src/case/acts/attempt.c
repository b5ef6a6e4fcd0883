/* SPDX-License-Identifier: MIT */
#include "case/acts/attempt.h"

#include <errno.h>
#include <signal.h>

#include "act/privilege.h"
#include "base/file.h"

/* It was judged a moment ago; a handler that is gone meanwhile will not serve the signal */
static bool still_as_judged(const struct attempt *a, const struct nudging *n)
{
	const struct parent_evidence *e = &a->parent->evidence;
	enum sigchld_disposition now = mask_has(n->masks.ignored, SIGCHLD) ? SIGCHLD_IGNORED :
				       mask_has(n->masks.caught, SIGCHLD)  ? SIGCHLD_CAUGHT :
									     SIGCHLD_DEFAULT;

	return !e->masks_known || now == e->disposition || now == SIGCHLD_CAUGHT;
}

static void explain_result(struct attempt *a)
{
	if (a->result.error < 0 || a->result.after > 0)
		a->reason = ATTEMPT_RESULT;
}

/* It is not to be nudged, for what r, a negative errno, says */
static void give_up(struct attempt *a, int r)
{
	a->reason = ATTEMPT_UNPINNED;
	a->error = r;
	a->ended = r == -ESRCH;
	a->not_done = true;
	a->wanted = false;
}

/* What would be sent, if it may be */
static void rehearse(const struct nudging *n, struct attempt *a)
{
	a->result.error = nudge_may(n);
	if (a->result.error == 0)
		return;
	explain_result(a);
	a->wanted = false;
	a->not_done = true;
}

static void try(const struct sight *sight, const struct attempts *all, struct attempt *a)
{
	struct nudging n;
	int r;

	/* where a proc is that numbers processes otherwise nothing can be tried */
	if (!a->parent || all->unpinned)
		return;
	r = pins_find(&all->pins, a->pid);
	if (r >= 0)
		r = nudge_open(sight->procfd, r, a->parent->process, a->parent->held,
			       a->parent->n_zombies, &n);
	if (r < 0) {
		give_up(a, r);
		return;
	}
	if (a->wanted && !all->choice.force && !still_as_judged(a, &n)) {
		a->wanted = false;
		a->reason = ATTEMPT_CHANGED;
	}
	if (a->wanted && all->choice.dry_run) {
		rehearse(&n, a);
	} else if (a->wanted) {
		nudge_send(&n, all->choice.timeout_ms, &a->result);
		/* nobody is sent to try again what has just come to nothing */
		if (a->result.sent && a->result.after == a->result.before &&
		    a->verdict.remedy == REMEDY_FIX_HANDLER)
			a->verdict.remedy = REMEDY_FIX_DEAF_HANDLER;
		explain_result(a);
	} else {
		nudge_spare(&n, &a->result);
	}
	nudge_done(&n);
}

void attempts_send(struct sight *sight, struct attempts *all)
{
	for (size_t i = 0; i < all->n; i++)
		try(sight, all, &all->list[i]);
	(void)file_shortage(); /* more zombies than descriptors are counted one by one */
	(void)privilege_drop(~UINT64_C(0)); /* nothing is left to do but to print */
}

bool attempts_are_done(const struct attempts *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].not_done ||
		    (all->list[i].result.after > 0 && !all->choice.dry_run))
			return false;
	return true;
}

void attempts_done(struct attempts *all)
{
	pins_done(&all->pins);
	cases_done(&all->cases);
	free(all->list);
	*all = (struct attempts){ 0 };
}
