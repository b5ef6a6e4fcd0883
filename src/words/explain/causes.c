/* SPDX-License-Identifier: MIT */
/* The causes of a case: why the zombie stays, what the parent does, what its masks say. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/wait.h>

#include "base/duration.h"
#include "base/rights.h"
#include "words/explain/explain.h"
#include "words/remedy.h"
#include "words/explain/subject.h"
#include "inspect/text/signals.h"
#include "words/heirs/reaps.h"
#include "words/verdict.h"
#include "words/plural.h"

void explain_why(const struct explain_case *e, struct story *s)
{
	const struct verdict *v = &e->verdict;
	auto_free char *why = NULL;

	if (e->kind == EXPLAIN_ZOMBIE && !e->zombie)
		story_tell(
			s, "why",
			"It died only now (--settle), or was reaped meanwhile: that is no case.");
	if (!e->parent || e->parent->n_zombies == 0)
		return;
	why = verdict_why(v);
	if (why[0] >= 'a' && why[0] <= 'z')
		why[0] = (char)(why[0] - 'a' + 'A');
	story_tell(s, "why", "%s.", why);
	story_evidence(s, false, "verdict: %s, %s", verdict_name(v->code),
		       certainty_name(v->certainty));
}

static const char *state_words(char state, bool kernel_thread)
{
	switch (state) {
	case 'R':
		return "It runs, or is about to";
	case 'D':
		return "It is in uninterruptible sleep: no handler runs until that ends";
	case 'T':
		return "It is stopped by a signal";
	case 't':
		return "It is stopped under a tracer";
	case 'I':
		return kernel_thread ? "It is an idle kernel thread" :
				       "It sleeps in the kernel, where no signal wakes it";
	case 'Z':
		return "It is dead";
	default:
		return "It sleeps";
	}
}

/* ": it waits for 5 (x), a zombie that its parent 4 (y), outside, must reap"; owned by the caller */
static char *awaited_member(const struct explain_case *e, const struct story *s)
{
	const struct awaited *a = &e->awaited;
	auto_free char *name = a->first ? subject_name(s->terminal, a->first) : NULL;
	auto_free char *reaper = a->parent ? subject_name(s->terminal, a->parent) : NULL;
	auto_free char *more = a->n > 1 ? xasprintf(" (and for %zu more)", a->n - 1) : xstrdup("");

	if (!a->first)
		return xstrdup("");
	if (a->first->state != 'Z')
		return xasprintf(": it waits for %s, still in state %c, to end%s", name,
				 a->first->state, more);
	if (!a->outside)
		return xasprintf(": it waits for zombie %s to be reaped%s", name, more);
	return xasprintf(": it waits for zombie %s, which its parent %s, outside, must reap%s",
			 name, reaper, more);
}

static void tell_dying(const struct explain_case *e, struct story *s)
{
	const struct process *init = e->dying;
	auto_free char *awaited = awaited_member(e, s);

	story_tell(s, "state", "%s is being torn down with its PID namespace (state %c)%s.",
		   init == e->subject ? "It" : "The parent", init->state, awaited);
	story_evidence(s, false, "%s",
		       init->state == 'Z' ? "wchan of its other thread: zap_pid_ns_processes" :
					    "PF_EXITING in /proc/PID/stat, and it is an init");
}

/* The letter is the main thread's: how many others are neither stopped nor in D */
static size_t others_that_may_run(const struct explain_case *e)
{
	const struct details *d = &explain_focus(e)->details;
	size_t n = 0;

	if (d->process.pid != e->subject->pid || !strchr("TtD", e->details.process.state))
		return 0;
	for (size_t i = 0; i < d->n_threads; i++)
		n += d->threads[i].tid != d->process.pid && strchr("RS", d->threads[i].state);
	return n;
}

static void tell_state(const struct explain_case *e, struct story *s)
{
	const char state = e->details.process.state;
	const size_t others = e->details.status.core_dumping ? 0 : others_that_may_run(e);

	if (others == 0)
		story_tell(s, "state", "%s (state %c).",
			   state_words(state, e->subject->flags & PF_KTHREAD), state);
	else
		story_tell(s, "state",
			   "Its main thread is %s (state %c); %zu other thread%s of it %s not.",
			   state == 'D' ? "in uninterruptible sleep" :
			   state == 'T' ? "stopped by a signal" :
					  "stopped under a tracer",
			   state, others, plural_s(others), others == 1 ? "is" : "are");
}

/* For a subject that nothing is wrong with, or not what was thought */
void explain_state(const struct explain_case *e, struct story *s)
{
	if (e->dying)
		tell_dying(e, s);
	if (e->zombie)
		return;
	if (!e->dying)
		tell_state(e, s);
	if (e->has_signals && e->signals.target.frozen == TRI_YES)
		story_tell(
			s, "state",
			e->signals.target.frozen_all == TRI_NO ?
				"Its main thread is in a frozen cgroup, another thread of it is not." :
				"Its cgroup is frozen: nothing in it runs.");
	if (e->details.status.tracer)
		story_tell(s, "state", "Process %d traces it.", e->tracer);
	if (e->details.status.core_dumping)
		story_tell(
			s, "state",
			"It has crashed and its core is being written (CoreDumping): only SIGKILL reaches it.");
}

void explain_ties(const struct explain_case *e, struct story *s)
{
	for (size_t i = 0; i < e->n_waiters; i++) {
		const struct parent_case *p = e->waiters[i];
		auto_free char *name = subject_name(s->terminal, p->process);

		story_tell(s, "state",
			   "Process %s waits for this process alone, and holds %zu zombie%s.", name,
			   p->n_zombies, plural_s(p->n_zombies));
	}
}

void explain_reaper(const struct explain_case *e, struct story *s)
{
	const struct reaper_view *v = &e->reaper;
	bool init = e->kin[0].rank == HEIR_INIT;
	auto_free char *why = NULL;

	if (!e->is_reaper)
		return;
	why = remedy_probe(reaps_why(&v->reaps), e->subject->pid);
	story_tell(
		s, "reaper",
		"As %s it adopts orphans: of its children %zu %s seen to be adopted, and %zu of those %s.",
		init ? "the init of its PID namespace" : "a subreaper", v->adopted,
		v->adopted == 1 ? "is" : "are", v->adopted_zombies,
		v->adopted_zombies == 1 ? "is a zombie" : "are zombies");
	if (e->reaper_inferred)
		story_evidence(s, true, "a child of it shows that it adopts");
	story_tell(s, "reaper", "Does it reap them? %s: %s.",
		   v->reaps.answer == TRI_YES ? "Yes" :
		   v->reaps.answer == TRI_NO  ? "No" :
						"Not known",
		   why);
}

static char *waiting_for(const struct story *s, const struct thread_evidence *t,
			 const struct process *other)
{
	auto_free char *name = other ? subject_name(s->terminal, other) : NULL;

	switch (t->waits) {
	case THREAD_WAITS_ANY:
		return xstrdup(
			!(t->options & WEXITED) ?
				", waiting for any child that stops or runs on, not for dead ones" :
			t->options & __WNOTHREAD ?
				", waiting for any child that this very thread started" :
			(t->options & __WCLONE) && !(t->options & __WALL) ?
				", waiting for any child whose exit signal is not SIGCHLD" :
				", waiting for any child");
	case THREAD_WAITS_PID:
		return name ? xasprintf(", waiting for process %s alone", name) :
			      xstrdup(", waiting for one particular child");
	case THREAD_WAITS_GROUP:
		return xstrdup(", waiting for the children of one process group alone");
	case THREAD_WAITS_SIGCHLD:
		return xstrdup(", waiting for signals, SIGCHLD among them");
	case THREAD_WAITS_SIGNALS:
		return xstrdup(", waiting for signals that cannot be read");
	default:
		return xstrdup("");
	}
}

/* A thread says something of its own when it waits for children or signals */
static bool is_telling(const struct thread_evidence *t)
{
	return t->waits != THREAD_WAITS_NOT && t->waits != THREAD_WAITS_UNKNOWN;
}

static void tell_thread(const struct explain_case *e, struct story *s, const struct parent_case *p,
			size_t i)
{
	const struct thread *t = &p->details.threads[i];
	const struct blocked_in *in = &t->blocked_in;
	const struct thread_note *note = &e->notes[i];
	auto_free char *whom = waiting_for(s, &p->threads[i], note->awaits);
	auto_free char *who = p->details.n_threads > 1 ?
				      xasprintf("%s's thread %d",
						e->zombie ? "The parent" : "This process", t->tid) :
				      xstrdup(explain_it(e));
	char since[DURATION_TEXT_SIZE] = "";

	if (note->has_asleep)
		duration_format(note->asleep_s, since);
	if (!in->known)
		story_tell(s, "doing", "What %s does cannot be read.",
			   e->zombie ? "the parent" : "it");
	else if (in->running)
		story_tell(s, "doing", "%s is running.", who);
	else if (in->nr < 0)
		story_tell(s, "doing", "%s is in the kernel, outside any system call%s%s.", who,
			   since[0] ? ", since it last ran " : "", since[0] ? since : "");
	else
		story_tell(s, "doing", "%s is in %s%s%s%s%s.", who,
			   in->name ? in->name : "a system call without a name", whom,
			   since[0] ? ", for " : "", since,
			   t->state == 'T' || t->state == 't' ? ", but stopped" : "");
	if (in->known)
		story_evidence(s, false, "/proc/%d/task/%d/syscall", p->details.process.pid,
			       t->tid);
	else
		story_evidence(s, false, "%s",
			       e->rights & RIGHT(CAP_SYS_PTRACE) ?
				       "refused in spite of CAP_SYS_PTRACE" :
				       "CAP_SYS_PTRACE would show its system call");
}

/* What a sleep that no signal ends waits for */
static void tell_wchan(const struct explain_case *e, struct story *s, const struct parent_case *p)
{
	if (!e->has_wchan)
		return;
	if (e->wchan[0]) {
		story_tell(s, "doing", "It sleeps in the kernel function %s.", e->wchan);
		story_evidence(s, false, "/proc/%d/wchan", p->process->pid);
	}
	for (size_t i = 0; i < p->details.n_threads; i++)
		if (p->details.threads[i].tid == p->process->pid && p->details.threads[i].in_vfork)
			story_tell(
				s, "doing",
				"That is the wait for a vfork child to call execve or to end; only a signal that ends the process cuts it short.");
}

void explain_doing(const struct explain_case *e, struct story *s)
{
	const struct parent_case *p = explain_focus(e);
	size_t told = 0, known = 0, unclear = 0, n = p->details.n_threads;

	/* what a dying init was in when it was killed is past, as is what it did with signals */
	if (!p->process || (p->details.process.flags & PF_KTHREAD) || explain_focus_dying(e))
		return;
	if (n == 0) {
		story_tell(s, "doing", "What %s does cannot be read.",
			   e->zombie ? "the parent" : "it");
		return;
	}
	for (size_t i = 0; i < n && told < 3; i++) {
		if (n > 1 && !is_telling(&p->threads[i]))
			continue;
		tell_thread(e, s, p, i);
		told++;
	}
	if (told == 0)
		tell_thread(e, s, p, 0);
	tell_wchan(e, s, p);
	for (size_t i = 0; i < n; i++) {
		known += p->details.threads[i].blocked_in.known;
		/* stopped or frozen: a wait that it may come back to */
		unclear += p->threads[i].waits == THREAD_WAITS_UNKNOWN && !p->threads[i].running;
	}
	if (n > 1 && known < n)
		story_tell(s, "doing", "What %zu of its %zu threads do cannot be read.", n - known,
			   n);
	else if (n > 1 && told < n && unclear == 0)
		story_tell(s, "doing", "%s of its %zu threads wait%s for children or signals.",
			   told ? "No others" : "None", n, told ? "" : "s");
}

#define FEW 4 /* signals of a set that are told by name */

static char *put_paren(char *text)
{
	auto_free char *open = text;

	return xasprintf("%s)", open);
}

/* "10000 (SIGCHLD)"; owned by the caller */
static char *mask_words(uint64_t mask)
{
	char *text = xasprintf("%" PRIx64, mask), name[SIGNAL_NAME_SIZE];
	bool first = true;

	if (mask == 0 || __builtin_popcountll(mask) > FEW)
		return text;
	for (int s = 1; s <= 64; s++) {
		char *longer;

		if (!mask_has(mask, s))
			continue;
		longer = xasprintf("%s%s%s", text, first ? " (" : " ", signal_name(s, name));
		free(text);
		text = longer;
		first = false;
	}
	return put_paren(text);
}

/* What that means to who reads it: also of one that holds no zombies, for it may be inherited over exec */
static void tell_ignored(struct story *s, const struct parent_case *p)
{
	if (p->evidence.disposition == SIGCHLD_IGNORED || p->evidence.no_cldwait == TRI_YES)
		story_tell(
			s, "masks",
			"So %s leave no zombies, and no exit status either: a wait of its own for one of them fails.",
			p->n_zombies ? "children that die from now on" : "its children");
}

void explain_masks(const struct explain_case *e, struct story *s)
{
	static const char *const names[] = { [SIGCHLD_DEFAULT] = "has no handler (default)",
					     [SIGCHLD_IGNORED] = "is ignored",
					     [SIGCHLD_CAUGHT] = "is caught by a handler" };
	const struct parent_case *p = explain_focus(e);
	const struct parent_evidence *ev = &p->evidence;
	const struct signal_masks *m = &p->details.status.masks;
	auto_free char *blocked = NULL, *ignored = NULL, *caught = NULL, *pending = NULL;

	if (!p->process || (p->details.process.flags & PF_KTHREAD) || explain_focus_dying(e))
		return;
	if (!ev->masks_known) {
		story_tell(s, "masks", "Its signal masks cannot be read.");
		return;
	}
	blocked = mask_words(m->blocked);
	ignored = mask_words(m->ignored);
	caught = mask_words(m->caught);
	pending = mask_words(m->shared_pending);
	story_tell(s, "masks", "SIGCHLD %s, %s%s%s%s.", names[ev->disposition],
		   ev->blocked && ev->call_mask ?
			   "blocked by every thread, perhaps for the time of this call alone" :
		   ev->blocked	     ? "blocked by every thread" :
		   e->awaits_sigchld ? "awaited in sigtimedwait, which hides that it is blocked" :
				       "not blocked",
		   ev->pending ? ", and one is pending" : "",
		   ev->no_cldwait == TRI_YES ? ", with SA_NOCLDWAIT" : "",
		   ev->signalfd == TRI_YES ? ", and a signalfd takes it" : "");
	tell_ignored(s, p);
	story_evidence(s, false, "/proc/%d/status: SigBlk %s, SigIgn %s, SigCgt %s, ShdPnd %s",
		       p->details.process.pid, blocked, ignored, caught, pending);
}
