/* SPDX-License-Identifier: MIT */
/* What would come of it: of a nudge, of ending the parent, of the remedy. */
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>

#include "cmd/explain.h"
#include "cmd/subject.h"
#include "inspect/signals.h"
#include "judge/remedy.h"
#include "limits/freezer.h"
#include "render/text.h"

static bool waits_for_outsider(const struct parent_case *p)
{
	for (size_t i = 0; i < p->n_looked_at; i++)
		if (p->zombies[i].evidence.ns_dying == TRI_YES &&
		    p->zombies[i].evidence.dying_init == p->evidence.pid)
			return false;
	return true;
}

static const char *useless_because(enum verdict_code code, const struct parent_case *parent)
{
	const struct parent_evidence *p = &parent->evidence;

	if (code == VERDICT_NAMESPACE_DYING && waits_for_outsider(parent))
		code = VERDICT_SIGCHLD_DEFAULT;
	switch (code) {
	case VERDICT_THREADS_ALIVE:
	case VERDICT_TRACED:
	case VERDICT_NAMESPACE_DYING:
		return "the parent cannot take the zombie yet, whatever it is sent";
	case VERDICT_CLONE_CHILD:
		return "a handler's plain wait does not take this child";
	case VERDICT_IN_FLIGHT:
		return "the zombie is being reaped already";
	case VERDICT_SIGCHLD_BLOCKED:
		return "one SIGCHLD is pending already, and a second one merges with it";
	default:
		if (p->masks_known && p->disposition == SIGCHLD_IGNORED)
			return "SIGCHLD is ignored: the kernel drops it";
		return "there is no handler for SIGCHLD: the kernel drops it";
	}
}

/* Linux kernel/signal.c:sig_ignored(): one that is blocked, caught or traced is queued */
static bool is_dropped(const struct parent_evidence *p)
{
	return p->masks_known && p->disposition != SIGCHLD_CAUGHT && !p->blocked && p->state != 't';
}

void explain_nudge(struct explain_case *e)
{
	const struct verdict *v = &e->verdict;
	pid_t pid = e->parent ? e->parent->details.process.pid : 0;

	if (!e->parent || e->parent->n_zombies == 0 || !e->parent->process)
		return;
	if (v->nudge == NUDGE_USELESS)
		story_tell(&e->story, "nudge", "A nudge (SIGCHLD to %d) is useless: %s.", pid,
			   useless_because(v->code, e->parent));
	else if (v->nudge == NUDGE_MAY_HELP)
		story_tell(
			&e->story, "nudge",
			"A nudge may help: coroner nudge %d sends SIGCHLD and tells what that reaped.",
			pid);
	else if (v->code == VERDICT_WAITS_FOR_OTHER || v->code == VERDICT_SIGCHLD_IGNORED ||
		 v->code == VERDICT_SIGCHLD_DEFAULT)
		story_tell(
			&e->story, "nudge",
			"Whether a nudge (SIGCHLD to %d) helps is not known: a thread that sits in sigwait would take it, and what all do could not be read.",
			pid);
	else if (is_dropped(&e->parent->evidence))
		story_tell(
			&e->story, "nudge",
			"A nudge (SIGCHLD to %d) does nothing while it is held up: %s, so the kernel drops it; what one does after that is not known.",
			pid,
			e->parent->evidence.disposition == SIGCHLD_IGNORED ?
				"SIGCHLD is ignored" :
				"there is no handler for SIGCHLD");
	else
		story_tell(
			&e->story, "nudge",
			"A nudge would stay pending until the parent runs again: what it does then is not known.");
}

static const char *effect_words(enum signal_effect effect)
{
	static const char *const words[] = {
		[EFFECT_NOTHING] = "does nothing",
		[EFFECT_DIES] = "ends it",
		[EFFECT_STOPS] = "stops it",
		[EFFECT_CONTINUES] = "lets it run on",
		[EFFECT_HANDLED] = "runs a handler",
		[EFFECT_TAKEN] = "is taken by a wait for signals",
		[EFFECT_PENDING] = "stays pending",
		[EFFECT_TRACER] = "goes to its tracer first",
	};

	return words[effect];
}

/* "ends it", "stays pending until it is thawed, and then ends it"; owned by the caller */
static char *outcome_words(const struct signal_outcome *o)
{
	const char *sure = o->certain ? "" : " (inferred)";

	if (!o->when)
		return xasprintf("%s%s", effect_words(o->effect), sure);
	if (o->effect != EFFECT_PENDING)
		return xasprintf("%s, %s%s", effect_words(o->effect), o->when, sure);
	if (o->then == EFFECT_PENDING)
		return xasprintf("stays pending %s%s", o->when, sure);
	return xasprintf("stays pending %s, and then %s%s", o->when, effect_words(o->then), sure);
}

/* A dead main thread: its own process is what a signal would end */
static bool tell_kill_of_threads(struct explain_case *e)
{
	struct signal_view v;

	if (e->verdict.code != VERDICT_THREADS_ALIVE || !e->zombie)
		return false;
	if (e->dying == e->subject) {
		story_tell(&e->story, "kill",
			   "No signal does anything to %d: it is being torn down already.",
			   e->subject->pid);
	} else if (signal_view_read(e->ctx, e->c, e->subject, &v) == 0) {
		bool from_ancestor = details_depth(&e->details) > 0;
		struct signal_outcome term = signal_judge(&v.target, SIGTERM, from_ancestor);
		struct signal_outcome kill = signal_judge(&v.target, SIGKILL, from_ancestor);
		auto_free char *by_term = outcome_words(&term), *by_kill = outcome_words(&kill);

		story_tell(
			&e->story, "kill",
			"kill -TERM %d from here goes to the threads of it that live on, and %s; kill -KILL %s. Once they are gone the parent can reap.",
			e->subject->pid, by_term, by_kill);
		signal_view_done(&v);
	}
	return true;
}

/* Linux kernel/signal.c:kill_ok_by_cred(), by the real IDs */
static bool is_beyond_rights(const struct explain_case *e)
{
	const struct details *d = &explain_focus(e)->details;

	return details_has(d, WANT_STATUS) && d->status.uid != getuid() &&
	       d->status.uid != geteuid() && !(e->ctx->rights & UINT64_C(1) << CAP_KILL);
}

static void tell_term_and_kill(struct explain_case *e, pid_t pid, bool from_ancestor)
{
	struct signal_outcome term = signal_judge(&e->signals.target, SIGTERM, from_ancestor);
	struct signal_outcome kill = signal_judge(&e->signals.target, SIGKILL, from_ancestor);
	auto_free char *by_term = outcome_words(&term), *by_kill = outcome_words(&kill);

	if (term.when && streq(by_term, by_kill))
		story_tell(&e->story, "kill", "kill -TERM %d from here %s; so does kill -KILL.",
			   pid, by_term);
	else
		story_tell(&e->story, "kill", "kill -TERM %d from here %s; kill -KILL %s.", pid,
			   by_term, by_kill);
	story_evidence(&e->story, !term.certain, "TERM: %s", term.why);
	if (is_beyond_rights(e))
		story_tell(
			&e->story, "kill",
			"You may not send it: it belongs to another user, and CAP_KILL is missing.");
}

/* What the remedy would let through: the service ends instead of going on */
void explain_pending(struct explain_case *e)
{
	const struct parent_case *p = explain_focus(e);
	int signal = e->has_signals ? signal_fatal_pending(&e->signals.target) : 0;
	char name[SIGNAL_NAME_SIZE];

	if (!signal)
		return;
	story_tell(&e->story, e->parent && e->parent->n_zombies ? "remedy" : "state",
		   "%s is pending%s: %s ends as soon as it runs again.", signal_name(signal, name),
		   signal == SIGKILL ? "" : " and has no handler", e->zombie ? "the parent" : "it");
	story_evidence(&e->story, false, "/proc/%d/status: ShdPnd, SigPnd", p->process->pid);
}

void explain_kill(struct explain_case *e)
{
	const struct parent_case *p = explain_focus(e);
	const struct details *d = &p->details;
	bool from_ancestor = details_depth(d) > 0;

	if (!e->has_signals || !p->process || tell_kill_of_threads(e))
		return;
	tell_term_and_kill(e, d->process.pid, from_ancestor);
}

static size_t count_children(const struct census *c, const struct process *p, bool zombies)
{
	const struct process *child;
	size_t n = 0;

	for (child = census_first_child(c, p); child; child = census_next_child(c, child))
		n += (child->state == 'Z') == zombies;
	return n;
}

/* "its 3 zombies and one living child" */
static char *estate(const struct census *c, const struct process *p)
{
	size_t dead = count_children(c, p, true), living = count_children(c, p, false);
	auto_free char *zombies = dead == 1 ? xstrdup("one zombie") :
					      xasprintf("%zu zombies", dead);
	auto_free char *children = living == 1 ? xstrdup("one living child") :
						 xasprintf("%zu living children", living);

	if (dead && living)
		return xasprintf("its %s and %s", zombies, children);
	return xasprintf("its %s", dead ? zombies : children);
}

static void tell_heir(struct explain_case *e, const char *whom)
{
	const struct heir_case *k = &e->heir;
	auto_free char *what = estate(e->c, k->process);
	auto_free char *heir = k->heir_process ? subject_name(e->ctx, k->heir_process) :
						 xstrdup("a process that is not in sight");
	const char *rule = k->heir.rule == HEIR_SUBREAPER ? "the nearest subreaper" :
							    "the init of its PID namespace";

	if (!k->view) {
		story_tell(&e->story, "heir", "If %s ends, %s, %s, gets %s.", whom, heir, rule,
			   what);
		return;
	}
	story_tell(&e->story, "heir", "If %s ends, %s, %s, gets %s; %s (%s).", whom, heir, rule,
		   what,
		   k->view->reaps.answer == TRI_YES ? "that one reaps" :
		   k->view->reaps.answer == TRI_NO  ? "that one does not reap either" :
						      "whether that one reaps is not known",
		   k->view->reaps.why);
}

static void tell_namespace_end(struct explain_case *e, const char *whom)
{
	size_t n = e->heir.n_killed;
	auto_free char *others = n == 0 ? xstrdup("nothing else lives in it") :
				 n == 1 ? xstrdup("one more process lives in it") :
					  xasprintf("%zu more processes live in it", n);

	story_tell(
		&e->story, "heir",
		"If %s ends, the kernel ends its whole PID namespace (%s) and reaps what is in it, zombies included.",
		whom, others);
}

void explain_heir(struct explain_case *e)
{
	const struct heir_case *k = &e->heir;
	const char *whom = e->zombie ? "the parent" : "it";

	if (!e->has_heir || explain_focus_dying(e))
		return;
	if (k->kills)
		tell_namespace_end(e, whom);
	else if (k->heir.rule == HEIR_NONE)
		story_tell(&e->story, "heir", "Nobody inherits from %s.", whom);
	else if (k->process->first_child == CENSUS_NONE)
		return;
	else
		tell_heir(e, whom);
	story_evidence(&e->story, !k->heir.exact, "%s", k->heir.evidence);
}

/* The remedy's placeholders hold for this very case */
static char *fill(const struct explain_case *e, const char *text)
{
	const struct container *c = &e->parent->details.container;
	auto_free char *with_id = remedy_fill(text, "ID", c->id);

	return remedy_fill(with_id, "UID", c->pod_uid[0] ? c->pod_uid : "?");
}

/* What keeps the parent from reaping is not all: nothing shows that it would reap without that */
static bool is_asleep_to_children(const struct explain_case *e)
{
	const struct parent_evidence *p = &e->parent->evidence;
	bool held = e->verdict.code <= VERDICT_PARENT_UNINTERRUPTIBLE &&
		    e->verdict.code != VERDICT_NAMESPACE_DYING;

	if (!held || !p->masks_known || p->disposition != SIGCHLD_DEFAULT || p->blocked ||
	    p->no_cldwait == TRI_YES)
		return false;
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].waits != THREAD_WAITS_NOT &&
		    p->threads[i].waits != THREAD_WAITS_PID)
			return false;
	return p->n_threads > 0;
}

/* A command to be pasted: only if no byte of a foreign path means anything to a shell */
static bool is_plain(const char *path)
{
	return path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "/._:@-")] == '\0';
}

static void tell_freezer(struct explain_case *e)
{
	const struct details *d = &e->parent->details;
	const char *off, *cgroupfs = e->ctx->options.cgroupfs;
	auto_free char *path =
		cgroup_freezer_switch(e->ctx->cgroupfd, d->cgroups, d->cgroups_len, &off);
	auto_free char *shown = path ? text_printable(path, strlen(path), e->ctx->utf8) : NULL;

	if (!path)
		return;
	if (is_plain(path) && is_plain(cgroupfs))
		story_tell(&e->story, "remedy", "Here: echo %s > %s/%s", off, cgroupfs, path);
	else
		story_tell(&e->story, "remedy", "Here: write %s to %s, below %s.", off, shown,
			   cgroupfs);
}

void explain_remedy(struct explain_case *e)
{
	const struct parent_case *p = e->parent;
	struct engine_remedy engine = { NULL, NULL };
	auto_free char *general = NULL, *lasting = NULL, *now = NULL;

	if (!p || p->n_zombies == 0)
		return;
	general = remedy_of(&e->verdict);
	if (p->details.in_container)
		engine = remedy_of_engine(&p->details.container, e->verdict.code);
	/* another init does not make a subreaper below it reap */
	if (p->evidence.init != TRI_YES)
		engine.lasting = NULL;
	if (general[0] >= 'a' && general[0] <= 'z')
		general[0] = (char)(general[0] - 'a' + 'A');
	story_tell(&e->story, "remedy", "%s.", general);
	if (e->verdict.code == VERDICT_PARENT_FROZEN)
		tell_freezer(e);
	if (is_asleep_to_children(e))
		story_tell(
			&e->story, "remedy",
			"That alone may not do: it has no handler for SIGCHLD, and no thread of it waits for any child.");
	lasting = engine.lasting ? fill(e, engine.lasting) : NULL;
	now = engine.now ? fill(e, engine.now) : NULL;
	if (lasting)
		story_tell(&e->story, "remedy", "In %s, for good: %s.",
			   p->details.container.pod_uid[0] ? "a pod" : p->details.container.runtime,
			   lasting);
	if (now)
		story_tell(&e->story, "remedy", "In %s, now: %s.",
			   p->details.container.pod_uid[0] ? "a pod" : p->details.container.runtime,
			   now);
}

void explain_unseen(struct explain_case *e)
{
	if (!e->c->kernel)
		story_tell(
			&e->story, "unseen",
			"Read from procfs: times of death, subreapers and SA_NOCLDWAIT are known through BPF alone, with CAP_BPF and CAP_PERFMON (or root).");
}
