/* SPDX-License-Identifier: MIT */
/* The causes of a case: why the zombie stays, what the parent does, what its masks say. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "base/duration.h"
#include "cmd/explain.h"
#include "cmd/subject.h"

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

/* For a subject that nothing is wrong with, or not what was thought */
void explain_state(struct explain_case *e)
{
	char state = e->details.process.state;

	if (e->zombie)
		return;
	story_tell(&e->story, "state", "%s (state %c).", state_words(state), state);
	if (e->has_signals && e->signals.target.frozen == TRI_YES)
		story_tell(&e->story, "state", "Its cgroup is frozen: nothing in it runs.");
	if (e->details.status.tracer)
		story_tell(&e->story, "state", "Process %d traces it.", e->details.status.tracer);
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
		story_evidence(&e->story, false, "CAP_SYS_PTRACE would show its system call");
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
	size_t told = 0, n = p->details.n_threads;

	if (!p->process || (p->details.process.flags & PF_KTHREAD) || n == 0)
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
	if (n > 1 && told < n)
		story_tell(&e->story, "doing",
			   "%s of its %zu threads wait%s for children or signals.",
			   told ? "No others" : "None", n, told ? "" : "s");
}

void explain_masks(struct explain_case *e)
{
	static const char *const names[] = { [SIGCHLD_DEFAULT] = "has no handler (default)",
					     [SIGCHLD_IGNORED] = "is ignored",
					     [SIGCHLD_CAUGHT] = "is caught by a handler" };
	const struct parent_case *p = explain_focus(e);
	const struct parent_evidence *ev = &p->evidence;
	const struct signal_masks *m = &p->details.status.masks;

	if (!p->process || (p->details.process.flags & PF_KTHREAD))
		return;
	if (!ev->masks_known) {
		story_tell(&e->story, "masks", "Its signal masks cannot be read.");
		return;
	}
	story_tell(&e->story, "masks", "SIGCHLD %s, %s%s%s%s.", names[ev->disposition],
		   ev->blocked ? "blocked by every thread" : "not blocked",
		   ev->pending ? ", and one is pending" : "",
		   ev->no_cldwait == TRI_YES ? ", with SA_NOCLDWAIT" : "",
		   ev->signalfd == TRI_YES ? ", and a signalfd takes it" : "");
	story_evidence(&e->story, false,
		       "/proc/%d/status: SigBlk %" PRIx64 ", SigIgn %" PRIx64 ", SigCgt %" PRIx64
		       ", ShdPnd %" PRIx64,
		       p->details.process.pid, m->blocked, m->ignored, m->caught,
		       m->shared_pending);
}
