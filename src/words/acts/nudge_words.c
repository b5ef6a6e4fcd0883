/* SPDX-License-Identifier: MIT */
#include "words/acts/nudge_words.h"

#include <errno.h>

#include "base/duration.h"
#include "case/scope.h"
#include "words/verdict.h"
#include "words/tokens.h"
#include "words/plural.h"

/* Why nobody in sight has that number */
static const char *why_absent(int r)
{
	if (r == -ENOENT)
		return "there is no such process";
	if (r == -ESRCH)
		return "it ended meanwhile";
	if (r == -EINVAL)
		return "that is the number of a thread, not of a process";
	return "no such process is in sight";
}

static char *why_unpinned(int r)
{
	if (r == -ESRCH)
		return xstrdup("it ended meanwhile");
	if (r == -ENOENT)
		return xstrdup("it, or its zombies, came after nudge had begun: try again");
	if (r == -EACCES)
		return xstrdup("it is not in sight: proc hides it (hidepid)");
	if (r == -EMFILE)
		return xstrdup(
			"it cannot be pinned: the limit on open files (ulimit -n) is too low");
	return xasprintf("it cannot be pinned: %s", strerror(-r));
}

static char *who_instead(const struct attempt *a)
{
	static const char itself[] = "it is itself a zombie, which takes no signal";
	const struct attempt_instead *i = &a->instead;

	if (!i->in_sight)
		return xasprintf(
			"%s: its parent is not in sight; to be nudged is that, from where it is seen",
			itself);
	if (!i->holds)
		return xasprintf("%s: to be nudged is its parent, %d", itself, i->pid);
	if (i->helps)
		return xasprintf("%s: to be nudged is its parent (coroner nudge %d)", itself,
				 i->pid);
	return xasprintf("%s: to be nudged would be its parent, %d, but a nudge %s (%s)", itself,
			 i->pid,
			 a->verdict.nudge == NUDGE_USELESS ? "is useless there" :
							     "may do nothing there as yet",
			 verdict_name(a->verdict.code));
}

static char *why_no_use(const struct verdict *v)
{
	auto_free char *why = verdict_why(v);

	return xasprintf("%s: %s; %s", verdict_name(v->code), why,
			 v->nudge == NUDGE_USELESS ?
				 "a nudge is useless there" :
				 "what a nudge would do is not known (-f sends it all the same)");
}

/* What became of the signal for a parent that does not run now */
static const char *held_up(const struct parent_evidence *e)
{
	if (!e->masks_known)
		return "whether the signal is pending, or was dropped, is not known";
	if (e->blocked || e->disposition == SIGCHLD_CAUGHT)
		return "the signal stays pending until it runs";
	return useless_words(USELESS_DROPPED, e);
}

static const char *what_became(const struct verdict *v, const struct parent_evidence *e)
{
	if (v->nudge != NUDGE_UNKNOWN)
		return useless_words(verdict_traits(v->code)->useless, e);
	/* it runs: a wait for signals that could not be read may have taken it */
	return verdict_traits(v->code)->held ? held_up(e) :
					       "what it did with the signal is not known";
}

/* What became of a signal after which nothing was reaped */
static char *why_no_effect(const struct attempt *a, const char *took)
{
	const struct verdict *v = &a->verdict;
	auto_free char *why = verdict_why(v);

	if (v->code == VERDICT_SIGCHLD_CAUGHT)
		return xasprintf(
			"it reaped none within %s: its handler takes other children than these, or the program has not come to it yet",
			took);
	if (v->nudge == NUDGE_MAY_HELP)
		return xasprintf("it reaped none within %s: %s", took, why);
	return xasprintf("%s: %s; it reaped none within %s: %s", verdict_name(v->code), why, took,
			 what_became(v, &a->parent->evidence));
}

static char *why_so(const struct attempt *a)
{
	const struct nudge_result *r = &a->result;
	auto_free char *why = verdict_why(&a->verdict);
	char took[DURATION_TEXT_SIZE];

	duration_format(r->waited_ms / 1000, took);
	if (r->error == -EACCES)
		return xstrdup("it belongs to another user: CAP_KILL is missing");
	if (r->error == -ESRCH)
		return xstrdup("it ended meanwhile");
	if (r->error < 0)
		return xasprintf("the signal cannot be sent: %s", strerror(-r->error));
	if (r->after < r->before)
		return xasprintf("%zu left after %s: %s", r->after, took, why);
	if (r->sent && a->parent)
		return why_no_effect(a, took);
	return xasprintf("%s: %s", verdict_name(a->verdict.code), why);
}

char *nudge_next(const struct attempt *a)
{
	return xasprintf("coroner explain %d tells the whole story, and what is left to try",
			 a->pid);
}

char *nudge_reason(const struct attempt *a)
{
	switch (a->reason) {
	case ATTEMPT_NO_REASON:
		return NULL;
	case ATTEMPT_ABSENT:
		return xstrdup(why_absent(a->error));
	case ATTEMPT_OUT_OF_SCOPE:
		return xasprintf("it %s", out_of_scope_words());
	case ATTEMPT_IS_ZOMBIE:
		return who_instead(a);
	case ATTEMPT_HOLDS_NONE:
		return xstrdup("it holds no zombie");
	case ATTEMPT_KERNEL_THREAD:
		return xstrdup("it is a kernel thread");
	case ATTEMPT_NO_USE:
		return why_no_use(&a->verdict);
	case ATTEMPT_CHANGED:
		return xstrdup("its SIGCHLD disposition changed while it was looked at");
	case ATTEMPT_UNPINNED:
		return why_unpinned(a->error);
	case ATTEMPT_RESULT:
		return why_so(a);
	}
	return NULL;
}

char *nudge_sent_words(const struct nudge_result *r)
{
	auto_free char *times = r->signals > 1 ? xasprintf(" %u times", r->signals) : xstrdup("");
	char took[DURATION_TEXT_SIZE];

	return xasprintf("SIGCHLD sent%s, %zu of %zu zombie%s reaped in %s", times,
			 r->before - r->after, r->before, plural_s(r->before),
			 duration_format(r->waited_ms / 1000, took));
}

char *nudge_due_words(const struct nudge_result *r)
{
	return xasprintf("would send SIGCHLD for %zu zombie%s", r->before, plural_s(r->before));
}

const char *nudge_nobody(void)
{
	return "no parent in sight holds a zombie: nothing to do";
}
