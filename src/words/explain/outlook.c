/* SPDX-License-Identifier: MIT */
/* What would come of it: of a nudge, of ending the parent, of the remedy. */
#include <signal.h>
#include <stdio.h>

#include "words/explain/explain.h"
#include "words/remedy.h"
#include "words/explain/subject.h"
#include "inspect/text/signals.h"
#include "words/heirs/heir.h"
#include "words/heirs/reaps.h"
#include "words/signals.h"
#include "words/verdict.h"

void explain_nudge(const struct explain_case *e, struct story *s)
{
	const struct verdict *v = &e->verdict;
	pid_t pid = e->parent ? e->parent->details.process.pid : 0;

	if (!e->parent || e->parent->n_zombies == 0 || !e->parent->process)
		return;
	if (v->nudge == NUDGE_USELESS)
		story_tell(s, "nudge", "A nudge (SIGCHLD to %d) is useless: %s.", pid,
			   useless_words(e->useless, &e->parent->evidence));
	else if (v->nudge == NUDGE_MAY_HELP)
		story_tell(
			s, "nudge",
			"A nudge may help: coroner nudge %d sends SIGCHLD and tells what that reaped.",
			pid);
	else if (!e->parent->evidence.masks_known)
		story_tell(
			s, "nudge",
			"Whether a nudge (SIGCHLD to %d) helps is not known: its masks could not be read.",
			pid);
	else if (!verdict_traits(v->code)->held)
		story_tell(
			s, "nudge",
			"Whether a nudge (SIGCHLD to %d) helps is not known: a thread that sits in sigwait would take it, and what all do could not be read.",
			pid);
	else if (e->nudge_dropped)
		story_tell(
			s, "nudge",
			"A nudge (SIGCHLD to %d) does nothing while it is held up: %s, so the kernel drops it; what one does after that is not known.",
			pid,
			e->parent->evidence.disposition == SIGCHLD_IGNORED ?
				"SIGCHLD is ignored" :
				"there is no handler for SIGCHLD");
	else
		story_tell(
			s, "nudge",
			"A nudge would stay pending until the parent runs again: what it does then is not known.");
}

/* "ends it", "stays pending until it is thawed, and then ends it"; owned by the caller */
static char *outcome_words(const struct signal_outcome *o)
{
	const char *sure = o->certain || o->effect == EFFECT_UNKNOWN ? "" : " (inferred)";
	const char *when = signal_when(o->when);

	if (!when)
		return xasprintf("%s%s", signal_effect_does(o->effect), sure);
	if (o->effect != EFFECT_PENDING)
		return xasprintf("%s, %s%s", signal_effect_does(o->effect), when, sure);
	if (o->then == EFFECT_PENDING)
		return xasprintf("stays pending %s%s", when, sure);
	return xasprintf("stays pending %s, and then %s%s", when, signal_effect_does(o->then),
			 sure);
}

/* A dead main thread: its own process is what a signal would end */
static bool tell_kill_of_threads(const struct explain_case *e, struct story *s)
{
	if (e->verdict.code != VERDICT_THREADS_ALIVE || !e->zombie)
		return false;
	if (e->dying == e->subject) {
		story_tell(s, "kill",
			   "No signal does anything to %d: it is being torn down already.",
			   e->subject->pid);
	} else if (e->has_remains) {
		auto_free char *by_term = outcome_words(&e->remains_term);
		auto_free char *by_kill = outcome_words(&e->remains_kill);

		story_tell(
			s, "kill",
			"kill -TERM %d from here goes to the threads of it that live on, and %s; kill -KILL %s. Once they are gone the parent can reap.",
			e->subject->pid, by_term, by_kill);
		story_evidence(s, !e->remains_kill.certain, "KILL: %s",
			       signal_why(e->remains_kill.why));
	}
	return true;
}

static void tell_term_and_kill(const struct explain_case *e, struct story *s, pid_t pid)
{
	const struct signal_outcome *term = &e->term;
	auto_free char *by_term = outcome_words(term), *by_kill = outcome_words(&e->kill);

	if (term->effect == EFFECT_UNKNOWN && e->kill.effect == EFFECT_UNKNOWN)
		story_tell(s, "kill",
			   "What kill -TERM and kill -KILL %d from here do is not known.", pid);
	else if (term->when && streq(by_term, by_kill))
		story_tell(s, "kill", "kill -TERM %d from here %s; so does kill -KILL.", pid,
			   by_term);
	else
		story_tell(s, "kill", "kill -TERM %d from here %s; kill -KILL %s.", pid, by_term,
			   by_kill);
	story_evidence(s, !term->certain, "TERM: %s", signal_why(term->why));
	if (e->beyond_rights)
		story_tell(
			s, "kill",
			"You may not send it: it belongs to another user, and CAP_KILL is missing.");
}

/* What the remedy would let through: the service ends instead of going on */
void explain_pending(const struct explain_case *e, struct story *s)
{
	const struct parent_case *p = explain_focus(e);
	const int signal = e->fatal_pending;
	char name[SIGNAL_NAME_SIZE];

	if (!signal)
		return;
	story_tell(s, e->parent && e->parent->n_zombies ? "remedy" : "state",
		   "%s is pending%s: %s ends as soon as it runs again.", signal_name(signal, name),
		   signal == SIGKILL ? "" : " and has no handler", e->zombie ? "the parent" : "it");
	story_evidence(s, false, "/proc/%d/status: ShdPnd, SigPnd", p->process->pid);
}

void explain_kill(const struct explain_case *e, struct story *s)
{
	const struct parent_case *p = explain_focus(e);

	if (e->signals_unread && p->process)
		story_tell(s, "kill",
			   "What kill -TERM and kill -KILL %d from here do cannot be read.",
			   p->details.process.pid);
	if (!e->has_signals || !p->process || tell_kill_of_threads(e, s))
		return;
	tell_term_and_kill(e, s, p->details.process.pid);
}

/* "its 3 zombies and one living child" */
static char *estate(size_t dead, size_t living)
{
	auto_free char *zombies = dead == 1 ? xstrdup("one zombie") :
					      xasprintf("%zu zombies", dead);
	auto_free char *children = living == 1 ? xstrdup("one living child") :
						 xasprintf("%zu living children", living);

	if (dead && living)
		return xasprintf("its %s and %s", zombies, children);
	return xasprintf("its %s", dead ? zombies : children);
}

static void tell_heir(const struct explain_case *e, struct story *s, const char *whom)
{
	const struct heir_case *k = &e->heir;
	auto_free char *what = estate(e->n_dead, e->n_living), *why = NULL;
	auto_free char *heir = k->heir_process ? subject_name(s->terminal, k->heir_process) :
						 xstrdup("a process that is not in sight");
	const char *rule = k->heir.rule == HEIR_SUBREAPER ? "the nearest subreaper" :
							    "the init of its PID namespace";

	if (!k->view || !k->heir_process) {
		story_tell(s, "heir", "If %s ends, %s, %s, gets %s.", whom, heir, rule, what);
		return;
	}
	why = remedy_probe(reaps_why(&k->view->reaps), k->heir_process->pid);
	story_tell(s, "heir", "If %s ends, %s, %s, gets %s; %s (%s).", whom, heir, rule, what,
		   k->view->reaps.answer == TRI_YES ? "that one reaps" :
		   k->view->reaps.answer == TRI_NO  ? "that one does not reap either" :
						      "whether that one reaps is not known",
		   why);
}

static void tell_namespace_end(const struct explain_case *e, struct story *s, const char *whom)
{
	size_t n = e->heir.n_killed;
	auto_free char *others = n == 0 ? xstrdup("nothing else lives in it") :
				 n == 1 ? xstrdup("one more process lives in it") :
					  xasprintf("%zu more processes live in it", n);

	story_tell(
		s, "heir",
		"If %s ends, the kernel ends its whole PID namespace (%s) and reaps what was started in it, zombies included.",
		whom, others);
}

void explain_heir(const struct explain_case *e, struct story *s)
{
	const struct heir_case *k = &e->heir;
	const char *whom = e->zombie ? "the parent" : "it";
	auto_free char *rule = NULL;

	if (e->heir_unread && !explain_focus_dying(e))
		story_tell(s, "heir", "Who inherits if %s ends cannot be read.", whom);
	if (!e->has_heir || explain_focus_dying(e))
		return;
	rule = heir_why(&k->heir);
	/* of the machine's init the rule says it: the kernel panics */
	if (k->kills && e->verdict.role == ROLE_MACHINE_INIT)
		story_tell(s, "heir", "If %s ends, the machine does.", whom);
	else if (k->kills)
		tell_namespace_end(e, s, whom);
	else if (k->heir.rule == HEIR_NONE)
		story_tell(s, "heir", "Nobody inherits from %s.", whom);
	else if (k->process->first_child == CENSUS_NONE)
		return;
	else
		tell_heir(e, s, whom);
	story_evidence(s, !k->heir.exact, "%s", rule);
}

void explain_unseen(const struct explain_case *e, struct story *s)
{
	if (!e->c->kernel)
		story_tell(
			s, "unseen",
			"Read from procfs: times of death, subreapers and SA_NOCLDWAIT are known through BPF alone, with CAP_BPF and CAP_PERFMON (or root).");
}
