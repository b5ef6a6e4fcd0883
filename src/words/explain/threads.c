/* SPDX-License-Identifier: MIT */
/* A zombie that is only a dead main thread: what its other threads do, what holds them, what helps. */
#include "render/text.h"
#include "words/explain/explain.h"

/* "sleeps in futex", "is in uninterruptible sleep (state D), in nfs_wait"; owned by the caller */
static char *state_words(const struct thread *t, const char *wchan)
{
	const char *call = t->blocked_in.known ? t->blocked_in.name : NULL;

	switch (t->state) {
	case 'R':
		return xstrdup("runs");
	case 'T':
		return xstrdup("is stopped");
	case 't':
		return xstrdup("is held by a tracer");
	case 'D':
		return xasprintf("is in uninterruptible sleep (state D)%s%s%s%s",
				 wchan[0] ? ", in the kernel function " : "", wchan,
				 call ? ", called by " : "", call ? call : "");
	default:
		return call ? xasprintf("sleeps in %s", call) : xstrdup("sleeps");
	}
}

static void tell_thread(const struct explain_case *e, struct story *s, const struct live_thread *l)
{
	const struct sleeper *at = &l->sleeper;
	const pid_t tid = l->thread->tid;
	auto_free char *name = text_printable(at->comm, strlen(at->comm), s->terminal->utf8);
	auto_free char *wchan = text_printable(at->wchan, strlen(at->wchan), s->terminal->utf8);
	auto_free char *doing = state_words(l->thread, wchan);

	story_tell(s, "state", "Its thread %d (%s) lives on: it %s.", tid, name, doing);
	story_evidence(s, false, "/proc/%d/task/%d", e->subject->pid, tid);
}

void explain_threads(const struct explain_case *e, struct story *s)
{
	for (size_t i = 0; i < e->n_live && i < EXPLAIN_MOST_THREADS; i++)
		tell_thread(e, s, &e->live[i]);
	if (e->n_live > EXPLAIN_MOST_THREADS)
		story_tell(s, "state", "And %zu more.", e->n_live - EXPLAIN_MOST_THREADS);
	if (e->has_remains && e->remains.target.frozen == TRI_YES)
		story_tell(s, "state", "Their cgroup is frozen.");
	if (e->remains_killed) {
		story_tell(s, "state",
			   "SIGKILL is pending for them already: another one does nothing.");
		story_evidence(s, false, "/proc/%d/task: SigPnd, ShdPnd", e->subject->pid);
	}
}

static void tell_stuck(const struct explain_case *e, struct story *s)
{
	const char *raw = e->stuck.sleeper.wchan;
	const pid_t tid = e->stuck.thread->tid;
	auto_free char *wchan = text_printable(raw, strlen(raw), s->terminal->utf8);

	story_tell(
		s, "remedy",
		"Find what its thread %d waits for%s%s (storage, NFS: /proc/%d/task/%d/stack): no signal is sure to end that sleep%s. Then look whether the parent reaps it.",
		tid, wchan[0] ? ", in " : "", wchan, e->subject->pid, tid,
		e->remains_killed ? ", and SIGKILL is pending already" : "");
}

static void tell_end(const struct explain_case *e, struct story *s)
{
	const pid_t pid = e->subject->pid;

	if (e->remains_term.effect == EFFECT_DIES)
		story_tell(
			s, "remedy",
			"It is not dead yet: wait for its other threads, or end them (kill %d). Then look whether the parent reaps it.",
			pid);
	else if (e->remains_kill.effect == EFFECT_DIES)
		story_tell(
			s, "remedy",
			"It is not dead yet: wait for its other threads, or end them (kill -KILL %d; a plain kill %s). Then look whether the parent reaps it.",
			pid,
			e->remains_term.effect == EFFECT_HANDLED ?
				"runs its handler, which may do it" :
				"does not do it");
	else
		story_tell(
			s, "remedy",
			"It is not dead yet: wait for its other threads; no signal from here ends them now. Then look whether the parent reaps it.");
}

bool explain_threads_remedy(const struct explain_case *e, struct story *s)
{
	const struct signal_target *t = &e->remains.target;

	if (!e->has_remains || e->verdict.code != VERDICT_THREADS_ALIVE || e->dying == e->subject)
		return false;
	if (t->frozen == TRI_YES) {
		story_tell(
			s, "remedy",
			"Thaw the cgroup of its other threads%s. Then look whether the parent reaps it.",
			e->remains_killed ? ": SIGKILL is pending for them, and ends them then" :
					    "");
		explain_thaw(&e->remains_thaw, s);
	} else if (t->traced) {
		story_tell(
			s, "remedy",
			"It is not dead yet, and process %d traces it: let that detach or end, and see what its threads do then.",
			e->remains.details.status.tracer);
	} else if (e->stuck.thread) {
		tell_stuck(e, s);
	} else {
		tell_end(e, s);
	}
	return true;
}
