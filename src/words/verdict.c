/* SPDX-License-Identifier: MIT */
/* One file, longer than 400 lines: the sentence of each reason, beside the table that names them. */
#include "words/verdict.h"

#include <stdio.h>

#include "base/memstream.h"
#include "inspect/text/signals.h"
#include "words/tokens.h"
#include "words/plural.h"

const char *verdict_name(enum verdict_code code)
{
	static const char *const names[VERDICT_COUNT] = {
		[VERDICT_THREADS_ALIVE] = "threads-alive",
		[VERDICT_TRACED] = "traced",
		[VERDICT_NAMESPACE_DYING] = "namespace-dying",
		[VERDICT_PARENT_STOPPED] = "parent-stopped",
		[VERDICT_PARENT_FROZEN] = "parent-frozen",
		[VERDICT_PARENT_UNINTERRUPTIBLE] = "parent-uninterruptible",
		[VERDICT_CLONE_CHILD] = "clone-child",
		[VERDICT_IN_FLIGHT] = "in-flight",
		[VERDICT_UNFIT_INIT] = "unfit-init",
		[VERDICT_PARENT_REPLACED] = "parent-replaced",
		[VERDICT_WAITS_FOR_OTHER] = "waits-for-other",
		[VERDICT_SIGCHLD_BLOCKED] = "sigchld-blocked",
		[VERDICT_SIGCHLD_IGNORED] = "sigchld-ignored",
		[VERDICT_SIGCHLD_DEFAULT] = "sigchld-default",
		[VERDICT_SIGCHLD_CAUGHT] = "sigchld-caught",
		[VERDICT_UNKNOWN] = "unknown",
	};

	return names[code];
}

const char *certainty_name(enum certainty certainty)
{
	return proven_token(certainty == CERTAINTY_PROVEN);
}

const char *nudge_name(enum nudge nudge)
{
	static const char *const names[] = {
		[NUDGE_USELESS] = "useless", [NUDGE_MAY_HELP] = "may-help", [NUDGE_UNKNOWN] = "unknown"
	};

	return names[nudge];
}

/* -- what holds the zombie -- */

static void threads_live(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"zombie %d is only a dead main thread: %u other thread%s of it still live%s, so no wait can take it yet",
		v->zombie, v->n, plural_s(v->n), v->n == 1 ? "s" : "");
}

static void tracer_holds(FILE *out, const struct verdict *v)
{
	fprintf(out, "tracer %d holds zombie %d and has not waited for it", v->other, v->zombie);
}

static void tracer_outside(FILE *out, const struct verdict *v)
{
	fprintf(out, "a tracer outside this PID namespace holds zombie %d", v->zombie);
}

static void tracer_holds_threads(FILE *out, const struct verdict *v)
{
	auto_free char *tracer = v->other ? xasprintf("tracer %d", v->other) :
					    xstrdup("a tracer outside this PID namespace");

	fprintf(out,
		"all of zombie %d is dead, but %s holds %u dead thread%s of it and has not waited for %s: no wait can take it before",
		v->zombie, tracer, v->n, plural_s(v->n), v->n == 1 ? "that" : "them");
}

static void parent_is_dying(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"parent %d is the init of a PID namespace that is dying: it waits for its last members",
		v->parent);
}

static void outside_of_dying(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"the PID namespace of zombie %d is dying: its init %d waits until parent %d, outside, reaps it",
		v->zombie, v->other, v->parent);
}

/* -- what holds the parent -- */

static const char *held_for_a_moment(const struct verdict *v)
{
	return v->certainty == CERTAINTY_PROVEN ? "" :
	       v->unsteady			? " then; it ran between the two looks" :
						  " now; --settle=2s tells whether that lasts";
}

static void stopped(FILE *out, const struct verdict *v)
{
	fprintf(out, "parent %d is stopped %s: it cannot call wait%s", v->parent,
		v->reason == REASON_STOPPED_BY_TRACER ? "under a tracer (state t)" :
							"by a signal (state T)",
		held_for_a_moment(v));
}

static void held_at_its_end(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"parent %d is ending already, and a tracer holds it (state t): it will not wait for zombie %d any more",
		v->parent, v->zombie);
}

static void frozen(FILE *out, const struct verdict *v)
{
	fprintf(out, "the cgroup of parent %d is frozen: it cannot call wait", v->parent);
}

static void frozen_in_part(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"the main thread of parent %d is in a frozen cgroup: it cannot call wait, but another thread of it is not frozen",
		v->parent);
}

static void uninterruptible(FILE *out, const struct verdict *v)
{
	fprintf(out, "parent %d is in uninterruptible sleep (state D)%s%s", v->parent,
		v->reason == REASON_VFORK ? " in vfork, until its child execs or ends" : "",
		v->settled  ? ", and still was after the settle time" :
		v->unsteady ? ", but was not all the time of the settle time" :
			      "; --settle=2s tells whether it stays");
}

/* -- how the parent waits -- */

/* What is missing for it to be proven, in the order of what it takes to find out */
static void doubt(FILE *out, const struct verdict *v)
{
	if (v->certainty == CERTAINTY_PROVEN)
		return;
	if (v->perhaps_adopted)
		fputs("; unless it was adopted, which nothing shows", out);
	else if (v->late)
		fputs("; it has waited for children before and may only be late", out);
	else if (v->young)
		fputs("; seen once: --settle=2s tells whether it stays", out);
	else if (v->reads)
		fputs("; it waits to read, and may come to its wait after that", out);
	else if (v->not_run)
		fputs("; it is not known to have run since, so it may come to it yet", out);
	else if (v->recent)
		fputs("; it may run again at any time, and come to it then", out);
	else if (v->alarms)
		fputs("; a timer may end that wait before", out);
	else if (v->same_name)
		fputs("; by its name it may be the same program that ran itself anew", out);
	else if (v->perhaps_execed)
		fputs("; whether this program started it or the one before it (exec), only BPF tells",
		      out);
}

static void exit_signal(FILE *out, const struct verdict *v)
{
	char name[SIGNAL_NAME_SIZE];

	fprintf(out,
		"zombie %d was cloned with %s for its exit signal, not SIGCHLD: a plain wait of parent %d misses it, only __WALL or __WCLONE takes it",
		v->zombie, v->exit_signal ? signal_name(v->exit_signal, name) : "none", v->parent);
	doubt(out, v);
}

static void being_reaped(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"thread %d of parent %d waits for %s child: zombie %d is being reaped as we look",
		v->tid, v->parent, v->reason == REASON_WAIT_FOR_ANY ? "any" : "this", v->zombie);
}

static void wait_held(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"thread %d of parent %d is in a wait that takes zombie %d at once, yet it is there: something holds that call",
		v->tid, v->parent, v->zombie);
}

/* What is missing for it to be proven that an adopter does not reap */
static void doubt_adopter(FILE *out, const struct verdict *v)
{
	if (v->perhaps_adopted)
		fputs("; that it was adopted is likely, not proven", out);
	else if (v->stays && v->handled)
		fprintf(out, "; whether its handler takes one a signal, coroner nudge %d tells",
			v->parent);
}

static void adopted(FILE *out, const struct verdict *v)
{
	fprintf(out, "parent %d is %s and adopted zombie %d from a process that ended, but %s",
		v->parent,
		v->reason == REASON_INIT_ADOPTED ? "the init of its PID namespace" : "a subreaper",
		v->zombie,
		v->stays ?
			"does not reap what it did not start" :
		v->reads ?
			"has not reaped it so far: it waits to read, and may look for such ones after that" :
		v->waits_first ?
			"has not reaped it so far: it waits for another child, and may look for such ones after that" :
		v->not_run ?
			"is not known to have run since: whether it reaps is open" :
		v->late ?
			"has not reaped it so far: it has waited for children before, and may only be late" :
		v->sweeps ?
			"has not reaped it so far: it may run again at any time, and look for such ones then" :
			"has not reaped it so far: --settle=2s tells whether it does");
	if (v->certainty != CERTAINTY_PROVEN)
		doubt_adopter(out, v);
}

static void execed(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"zombie %d is none of the program that parent %d runs: the one before (exec) started it, or a child of that did in its place, and this one knows of it only if it was told",
		v->zombie, v->parent);
	doubt(out, v);
}

static void waits_for_other(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"thread %d of parent %d waits for process %d alone, and nothing %sin it serves SIGCHLD",
		v->tid, v->parent, v->other, v->unread ? "seen " : "");
	doubt(out, v);
}

static void waits_for_another(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"thread %d of parent %d waits for one other child, and nothing %sin it serves SIGCHLD",
		v->tid, v->parent, v->unread ? "seen " : "");
	doubt(out, v);
}

/* -- what the parent does with SIGCHLD -- */

static void sigwait(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"thread %d of parent %d takes signals with sigtimedwait%s, but has not taken all",
		v->tid, v->parent, v->reason == REASON_SIGWAIT ? ", SIGCHLD among them" : "");
	doubt(out, v);
}

static void takes_by_signalfd(FILE *out, const struct verdict *v)
{
	fprintf(out, "parent %d blocks SIGCHLD and takes it by a signalfd, but has not taken all%s",
		v->parent, v->pending ? ": one is pending" : "");
	doubt(out, v);
}

static void blocked(FILE *out, const struct verdict *v)
{
	fprintf(out, "parent %d blocks SIGCHLD in every thread%s", v->parent,
		v->pending ? ", and one is pending" : "");
	doubt(out, v);
}

static void ignored(FILE *out, const struct verdict *v)
{
	fprintf(out, "parent %d %s now: that reaps later children, zombie %d died before it did so",
		v->parent, v->reason == REASON_IGNORED ? "ignores SIGCHLD" : "has SA_NOCLDWAIT set",
		v->zombie);
	doubt(out, v);
}

static void by_default(FILE *out, const struct verdict *v)
{
	fprintf(out,
		v->unread ?
			"parent %d has no handler for SIGCHLD; whether it is in a wait that would take zombie %d could not be read" :
			"parent %d has no handler for SIGCHLD and is in no wait that would take zombie %d: only its own code calling wait can",
		v->parent, v->zombie);
	doubt(out, v);
}

static void caught(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"parent %d catches SIGCHLD, yet zombie %d stays: its handler takes one child a signal or only children that it knows, or it missed a signal, or has not come to it yet",
		v->parent, v->zombie);
}

static void caught_busy(FILE *out, const struct verdict *v)
{
	fprintf(out, "parent %d catches SIGCHLD and %s: it may not have come to zombie %d yet",
		v->parent, v->pending ? "has one pending" : "is computing", v->zombie);
}

static void core_dump(FILE *out, const struct verdict *v)
{
	fprintf(out,
		"parent %d has crashed and its core is being written: it will not wait for zombie %d any more, and only SIGKILL reaches it",
		v->parent, v->zombie);
}

/* -- what cannot be told -- */

static void masks_unread(FILE *out, const struct verdict *v)
{
	fprintf(out, "the signal masks of parent %d could not be read", v->parent);
}

static void hidden(FILE *out, const struct verdict *v)
{
	fprintf(out, "parent %d is not in sight: it ended meanwhile, or proc hides it", v->parent);
}

static void outside(FILE *out, const struct verdict *v)
{
	(void)v;
	fputs("its parent is outside this PID namespace and cannot be seen from here", out);
}

static void (*const whys[REASON_COUNT])(FILE *out, const struct verdict *v) = {
	[REASON_THREADS_LIVE] = threads_live,
	[REASON_TRACER_HOLDS] = tracer_holds,
	[REASON_TRACER_OUTSIDE] = tracer_outside,
	[REASON_TRACER_HOLDS_THREADS] = tracer_holds_threads,
	[REASON_PARENT_IS_DYING] = parent_is_dying,
	[REASON_OUTSIDE_OF_DYING] = outside_of_dying,
	[REASON_STOPPED_BY_SIGNAL] = stopped,
	[REASON_STOPPED_BY_TRACER] = stopped,
	[REASON_HELD_AT_ITS_END] = held_at_its_end,
	[REASON_FROZEN] = frozen,
	[REASON_FROZEN_IN_PART] = frozen_in_part,
	[REASON_UNINTERRUPTIBLE] = uninterruptible,
	[REASON_VFORK] = uninterruptible,
	[REASON_EXIT_SIGNAL] = exit_signal,
	[REASON_WAIT_FOR_ANY] = being_reaped,
	[REASON_WAIT_FOR_THIS] = being_reaped,
	[REASON_WAIT_HELD] = wait_held,
	[REASON_INIT_ADOPTED] = adopted,
	[REASON_SUBREAPER_ADOPTED] = adopted,
	[REASON_EXECED] = execed,
	[REASON_WAIT_FOR_OTHER] = waits_for_other,
	[REASON_WAIT_FOR_ANOTHER] = waits_for_another,
	[REASON_SIGWAIT] = sigwait,
	[REASON_SIGWAIT_MAYBE] = sigwait,
	[REASON_SIGNALFD] = takes_by_signalfd,
	[REASON_BLOCKED] = blocked,
	[REASON_IGNORED] = ignored,
	[REASON_NO_CLDWAIT] = ignored,
	[REASON_DEFAULT] = by_default,
	[REASON_CAUGHT] = caught,
	[REASON_CAUGHT_BUSY] = caught_busy,
	[REASON_CORE_DUMP] = core_dump,
	[REASON_MASKS_UNREAD] = masks_unread,
	[REASON_HIDDEN] = hidden,
	[REASON_OUTSIDE] = outside,
};

static void mixed(FILE *out, const struct verdict *v)
{
	bool any = false;

	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++) {
		if (!v->mixed[code])
			continue;
		fprintf(out, "%s %s x%u", any ? "" : "; mixed:", verdict_name(code),
			v->mixed[code]);
		any = true;
	}
}

char *verdict_why(const struct verdict *v)
{
	char *text = NULL;
	size_t len;
	FILE *out = memstream_open(&text, &len);

	whys[v->reason](out, v);
	mixed(out, v);
	fclose(out);
	return text;
}

const char *useless_words(enum nudge_useless useless, const struct parent_evidence *parent)
{
	if (useless != USELESS_NOT_YET && parent->core_dumping)
		return "it has crashed and writes its core: the kernel drops all but SIGKILL";
	if (useless != USELESS_NOT_YET && parent->ending == TRI_YES)
		return "it is ending already: the kernel drops every signal";
	switch (useless) {
	case USELESS_NOT_YET:
		return "the parent cannot take the zombie yet, whatever it is sent";
	case USELESS_PLAIN_WAIT:
		return "a handler's plain wait does not take this child";
	case USELESS_TAKEN:
		return "a thread of it is in a wait that takes the zombie already";
	case USELESS_PENDING:
		return "one SIGCHLD is pending already, and a second one merges with it";
	case USELESS_DROPPED:
		break;
	}
	if (!parent->masks_known)
		return "nothing shows that it has a handler for SIGCHLD, and without one the kernel drops it";
	if (parent->blocked)
		return "SIGCHLD is blocked: it would only stay pending";
	if (parent->disposition == SIGCHLD_CAUGHT)
		return "its handler waits for others";
	return parent->disposition == SIGCHLD_IGNORED ?
		       "SIGCHLD is ignored: the kernel drops it" :
		       "there is no handler for SIGCHLD: the kernel drops it";
}
