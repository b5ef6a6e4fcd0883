/* SPDX-License-Identifier: MIT */
/* The causes of a case: why the zombie stays, what the parent does, what its masks say. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>

#include "base/duration.h"
#include "cmd/explain.h"
#include "cmd/subject.h"
#include "inspect/signals.h"

void explain_why(struct explain_case *e)
{
	const struct verdict *v = &e->verdict;
	auto_free char *why = NULL;

	if (e->kind == EXPLAIN_ZOMBIE && !e->zombie)
		story_tell(
			&e->story, "why",
			"It died only now (--settle), or was reaped meanwhile: that is no case.");
	if (!e->parent || e->parent->n_zombies == 0)
		return;
	why = xstrdup(v->why);
	if (why[0] >= 'a' && why[0] <= 'z')
		why[0] = (char)(why[0] - 'a' + 'A');
	story_tell(&e->story, "why", "%s.", why);
	story_evidence(&e->story, false, "verdict: %s, %s", verdict_name(v->code),
		       v->certainty == CERTAINTY_PROVEN ? "proven" : "likely");
}

static const char *state_words(char state)
{
	switch (state) {
	case 'R':
		return "It runs, or is about to";
	case 'D':
		return "It is in uninterruptible sleep: no handler runs until that ends";
	case 'T':
		return "It is stopped by a signal: SIGCONT lets it run again";
	case 't':
		return "It is stopped under a tracer";
	case 'I':
		return "It is an idle kernel thread";
	case 'Z':
		return "It is dead";
	default:
		return "It sleeps";
	}
}

/* Who else is left in the PID namespace of a dying init; NULL: nobody in sight */
static const struct process *last_member(const struct explain_case *e, const struct process *init,
					 size_t *ret_n)
{
	const uint32_t *of = e->heirs->map.of;
	const struct process *found = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < e->c->n; i++) {
		const struct process *p = &e->c->procs[i];

		if (of[i] != of[init - e->c->procs] || p == init)
			continue;
		found = found ? found : p;
		++*ret_n;
	}
	return found;
}

/* ": it waits for 5 (x), a zombie that its parent 4 (y), outside, must reap"; owned by the caller */
static char *awaited_member(const struct explain_case *e, const struct process *init)
{
	size_t n;
	const struct process *member = last_member(e, init, &n);
	const struct process *parent = member ? census_parent(e->c, member) : NULL;
	auto_free char *name = member ? subject_name(e->ctx, member) : NULL;
	auto_free char *reaper = parent ? subject_name(e->ctx, parent) : NULL;
	auto_free char *more = n > 1 ? xasprintf(" (and for %zu more)", n - 1) : xstrdup("");
	const uint32_t *of = e->heirs->map.of;

	if (!member)
		return xstrdup("");
	if (member->state != 'Z')
		return xasprintf(": it waits for %s, still in state %c, to end%s", name,
				 member->state, more);
	if (!parent || of[parent - e->c->procs] == of[member - e->c->procs])
		return xasprintf(": it waits for zombie %s to be reaped%s", name, more);
	return xasprintf(": it waits for zombie %s, which its parent %s, outside, must reap%s",
			 name, reaper, more);
}

static void tell_dying(struct explain_case *e)
{
	const struct process *init = e->dying;
	auto_free char *awaited = awaited_member(e, init);

	story_tell(&e->story, "state", "%s is being torn down with its PID namespace (state %c)%s.",
		   init == e->subject ? "It" : "The parent", init->state, awaited);
	story_evidence(&e->story, false, "%s",
		       init->state == 'Z' ? "wchan of its other thread: zap_pid_ns_processes" :
					    "PF_EXITING in /proc/PID/stat, and it is an init");
}

/* For a subject that nothing is wrong with, or not what was thought */
void explain_state(struct explain_case *e)
{
	char state = e->details.process.state;

	if (e->dying)
		tell_dying(e);
	if (e->zombie)
		return;
	if (!e->dying)
		story_tell(&e->story, "state", "%s (state %c).", state_words(state), state);
	if (e->has_signals && e->signals.target.frozen == TRI_YES)
		story_tell(&e->story, "state", "Its cgroup is frozen: nothing in it runs.");
	if (e->details.status.tracer)
		story_tell(&e->story, "state", "Process %d traces it.", e->details.status.tracer);
}

/* What others have to do with a process that holds no zombie: it may be why theirs stay */
static void tell_traced(struct explain_case *e, const struct parent_case *p)
{
	auto_free char *parent = p->process ? subject_name(e->ctx, p->process) : NULL;

	if (details_has(&p->details, WANT_STATUS) && p->details.status.tracer == e->subject->pid)
		story_tell(&e->story, "state", "It traces %s, which holds %zu zombie%s.", parent,
			   p->n_zombies, p->n_zombies == 1 ? "" : "s");
	for (size_t i = 0; i < p->n_looked_at; i++) {
		const struct zombie_evidence *z = &p->zombies[i].evidence;
		auto_free char *name = NULL;

		if (z->traced != TRI_YES || z->tracer != e->subject->pid || !parent)
			continue;
		name = subject_name(e->ctx, p->zombies[i].process);
		story_tell(
			&e->story, "state",
			"It traces zombie %s and has not waited for it: the parent %s cannot reap that before.",
			name, parent);
	}
}

void explain_ties(struct explain_case *e)
{
	if (e->zombie || e->subject->state == 'Z')
		return;
	for (size_t i = 0; i < e->cases->n; i++) {
		const struct parent_case *p = &e->cases->parents[i];
		auto_free char *name = NULL;

		if (!p->process || p->process == e->subject)
			continue;
		tell_traced(e, p);
		for (size_t k = 0; k < p->evidence.n_threads; k++) {
			const struct thread_evidence *t = &p->evidence.threads[k];

			if (t->waits != THREAD_WAITS_PID || t->pid != e->subject->pid || name)
				continue;
			name = subject_name(e->ctx, p->process);
			story_tell(
				&e->story, "state",
				"Process %s waits for this process alone, and holds %zu zombie%s.",
				name, p->n_zombies, p->n_zombies == 1 ? "" : "s");
		}
	}
}

void explain_reaper(struct explain_case *e)
{
	const struct reaper_view *v = &e->reaper;
	bool init = details_ns_pid(&e->details) == 1;

	if (!e->is_reaper)
		return;
	story_tell(
		&e->story, "reaper",
		"As %s it adopts orphans: %zu of its children are seen to be adopted, %zu of those are zombies.",
		init ? "the init of its PID namespace" : "a subreaper", v->adopted,
		v->adopted_zombies);
	if (e->reaper_inferred)
		story_evidence(&e->story, true, "a child of it shows that it adopts");
	story_tell(&e->story, "reaper", "Does it reap them? %s: %s.",
		   v->reaps.answer == TRI_YES ? "Yes" :
		   v->reaps.answer == TRI_NO  ? "No" :
						"Not known",
		   v->reaps.why);
}

static char *waiting_for(const struct explain_case *e, const struct thread_evidence *t)
{
	const struct process *other = t->pid ? census_find(e->c, t->pid) : NULL;
	auto_free char *name = other ? subject_name(e->ctx, other) : NULL;

	switch (t->waits) {
	case THREAD_WAITS_ANY:
		return xstrdup(", waiting for any child");
	case THREAD_WAITS_PID:
		return name ? xasprintf(", waiting for process %s alone", name) :
			      xstrdup(", waiting for one particular child");
	case THREAD_WAITS_GROUP:
		return xstrdup(", waiting for the children of one process group");
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

static void tell_thread(struct explain_case *e, const struct parent_case *p, size_t i)
{
	const struct thread *t = &p->details.threads[i];
	const struct blocked_in *in = &t->blocked_in;
	const struct process_kernel *kernel = p->process ? census_kernel(e->c, p->process) : NULL;
	auto_free char *whom = waiting_for(e, &p->threads[i]);
	auto_free char *who = p->details.n_threads > 1 ?
				      xasprintf("%s's thread %d",
						e->zombie ? "The parent" : "This process", t->tid) :
				      xstrdup(explain_it(e));
	char since[DURATION_TEXT_SIZE] = "";
	double asleep = 0;

	if (kernel && kernel->ran_ns && t->tid == p->details.process.pid) {
		asleep = (double)(e->c->taken_ns - kernel->ran_ns) / 1e9;
		duration_format(asleep > 0 ? asleep : 0, since);
	}
	if (!in->known)
		story_tell(&e->story, "doing", "What %s does cannot be read.",
			   e->zombie ? "the parent" : "it");
	else if (in->running)
		story_tell(&e->story, "doing", "%s is running.", who);
	else if (in->nr < 0)
		story_tell(&e->story, "doing", "%s is in the kernel, outside any system call%s%s.",
			   who, since[0] ? ", since it last ran " : "", since[0] ? since : "");
	else
		story_tell(&e->story, "doing", "%s is in %s%s%s%s%s.", who,
			   in->name ? in->name : "a system call without a name", whom,
			   since[0] ? ", for " : "", since,
			   t->state == 'T' || t->state == 't' ? ", but stopped" : "");
	if (in->known)
		story_evidence(&e->story, false, "/proc/%d/task/%d/syscall", p->details.process.pid,
			       t->tid);
	else
		story_evidence(&e->story, false, "%s",
			       e->ctx->rights & UINT64_C(1) << CAP_SYS_PTRACE ?
				       "refused in spite of CAP_SYS_PTRACE" :
				       "CAP_SYS_PTRACE would show its system call");
}

/* What a sleep that no signal ends waits for */
static void tell_wchan(struct explain_case *e, const struct parent_case *p)
{
	struct details d;

	if (p->details.process.state != 'D' ||
	    details_read(e->c, p->process, WANT_PIDNS | WANT_WCHAN, &d) < 0)
		return;
	if (details_has(&d, WANT_WCHAN) && d.wchan[0]) {
		story_tell(&e->story, "doing", "It sleeps in the kernel function %s.", d.wchan);
		story_evidence(&e->story, false, "/proc/%d/wchan", p->process->pid);
	}
	for (size_t i = 0; i < p->details.n_threads; i++)
		if (p->details.threads[i].tid == p->process->pid && p->details.threads[i].in_vfork)
			story_tell(
				&e->story, "doing",
				"That is the wait for a vfork child to call execve or to end; only a signal that ends the process cuts it short.");
	details_done(&d);
}

void explain_doing(struct explain_case *e)
{
	const struct parent_case *p = explain_focus(e);
	size_t told = 0, known = 0, unclear = 0, n = p->details.n_threads;

	/* what a dying init was in when it was killed is past, as is what it did with signals */
	if (!p->process || (p->details.process.flags & PF_KTHREAD) || n == 0 ||
	    explain_focus_dying(e))
		return;
	for (size_t i = 0; i < n && told < 3; i++) {
		if (n > 1 && !is_telling(&p->threads[i]))
			continue;
		tell_thread(e, p, i);
		told++;
	}
	if (told == 0)
		tell_thread(e, p, 0);
	tell_wchan(e, p);
	for (size_t i = 0; i < n; i++) {
		known += p->details.threads[i].blocked_in.known;
		/* stopped or frozen: a wait that it may come back to */
		unclear += p->threads[i].waits == THREAD_WAITS_UNKNOWN && !p->threads[i].running;
	}
	if (n > 1 && known < n)
		story_tell(&e->story, "doing", "What %zu of its %zu threads do cannot be read.",
			   n - known, n);
	else if (n > 1 && told < n && unclear == 0)
		story_tell(&e->story, "doing",
			   "%s of its %zu threads wait%s for children or signals.",
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

/* rt_sigtimedwait(2) unblocks the awaited set while it sleeps: Linux kernel/signal.c:do_sigtimedwait() */
static bool takes_signals(const struct parent_evidence *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].waits == THREAD_WAITS_SIGCHLD)
			return true;
	return false;
}

void explain_masks(struct explain_case *e)
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
		story_tell(&e->story, "masks", "Its signal masks cannot be read.");
		return;
	}
	blocked = mask_words(m->blocked);
	ignored = mask_words(m->ignored);
	caught = mask_words(m->caught);
	pending = mask_words(m->shared_pending);
	story_tell(&e->story, "masks", "SIGCHLD %s, %s%s%s%s.", names[ev->disposition],
		   ev->blocked	     ? "blocked by every thread" :
		   takes_signals(ev) ? "awaited in sigtimedwait, which hides that it is blocked" :
				       "not blocked",
		   ev->pending ? ", and one is pending" : "",
		   ev->no_cldwait == TRI_YES ? ", with SA_NOCLDWAIT" : "",
		   ev->signalfd == TRI_YES ? ", and a signalfd takes it" : "");
	story_evidence(&e->story, false,
		       "/proc/%d/status: SigBlk %s, SigIgn %s, SigCgt %s, ShdPnd %s",
		       p->details.process.pid, blocked, ignored, caught, pending);
}
