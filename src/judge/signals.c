/* SPDX-License-Identifier: MIT */
#include "judge/signals.h"

#include <signal.h>

#include "inspect/text/status.h"

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

/* Linux include/linux/signal.h: SIG_KERNEL_ONLY_MASK, SIG_KERNEL_IGNORE_MASK, SIG_KERNEL_STOP_MASK */
#define FORCED (BIT(SIGKILL) | BIT(SIGSTOP))
#define HARMLESS (BIT(SIGCONT) | BIT(SIGCHLD) | BIT(SIGWINCH) | BIT(SIGURG))
#define STOPPING (BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))

/* SIG_KERNEL_COREDUMP_MASK: complete_signal() does not turn these into a SIGKILL for all threads */
#define CORED                                                                                    \
	(BIT(SIGQUIT) | BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGABRT) | BIT(SIGFPE) | BIT(SIGSEGV) | \
	 BIT(SIGBUS) | BIT(SIGSYS) | BIT(SIGXCPU) | BIT(SIGXFSZ))

static bool in(uint64_t set, int signal)
{
	return mask_has(set, signal);
}

static struct signal_outcome sure(enum signal_effect effect, enum signal_why why)
{
	return (struct signal_outcome){ effect, true, why, WHEN_UNTOLD, effect };
}

static struct signal_outcome maybe(enum signal_effect effect, enum signal_why why)
{
	return (struct signal_outcome){ effect, false, why, WHEN_UNTOLD, effect };
}

/* do_sigtimedwait() takes SIGKILL and SIGSTOP out of the set */
static bool awaits(const struct signal_thread *t, int signal)
{
	return !t->dead && t->in_sigwait && in(t->awaited & ~FORCED, signal);
}

/* Threads that would get it, by what they do about it */
struct receivers {
	bool leader_holds;     /* the leader blocks or awaits it: no early drop, sig_ignored() */
	bool leader_open;      /* the leader neither blocks nor awaits it: it is asked first */
	bool leader_held;      /* the leader is stopped: what it would get another one gets */
	size_t open, awaiting; /* threads that neither block nor await it; that await it */
	size_t ready;	       /* of the open ones, those that no other signal is pending for */
	size_t free;	/* of the open ones, those that neither are stopped nor have a tracer */
	size_t watched; /* of the open ones, those that have a tracer; */
	size_t watched_free; /* and of these those that are not stopped */
	size_t asleep;	     /* threads in state D */
	size_t in_vfork;     /* of these, those that wait for their vfork child */
	bool perhaps;	     /* a thread sleeps in sigtimedwait for a set that could not be read */
	bool unseen;	     /* what a thread does could not be read: perhaps the same */
};

static bool is_asleep(const struct signal_target *t, const struct signal_thread *thread)
{
	return thread->asleep_deep || (thread->tid == t->pid && t->state == 'D');
}

static struct receivers find_receivers(const struct signal_target *t, int signal)
{
	struct receivers r = { 0 };

	for (size_t i = 0; i < t->n_threads; i++) {
		const struct signal_thread *thread = &t->threads[i];
		bool blocks = in(thread->blocked, signal), takes = awaits(thread, signal);

		if (thread->tid == t->pid) {
			r.leader_holds = blocks || takes;
			r.leader_open = !thread->dead && !r.leader_holds;
			r.leader_held = thread->held;
		}
		if (thread->dead)
			continue;
		if (!blocks && !takes) {
			r.free += !thread->held && !thread->traced;
			r.watched += thread->traced;
			r.watched_free += !thread->held && thread->traced;
		}
		r.open += !blocks && !takes;
		r.ready += !blocks && !takes &&
			   !((thread->pending | t->shared_pending) & ~thread->blocked);
		r.asleep += is_asleep(t, thread);
		r.in_vfork += is_asleep(t, thread) && thread->in_vfork;
		r.awaiting += takes;
		if (in(FORCED, signal) || blocks || takes)
			continue;
		r.perhaps |= thread->in_sigwait && thread->awaited == 0;
		r.unseen |= !thread->doing_known;
	}
	return r;
}

/* kernel/signal.c:sig_task_ignored(): what is dropped before anybody sees it; WHY_NOT: not so */
static struct signal_outcome dropped(const struct signal_target *t, int signal, bool from_ancestor)
{
	bool forced = from_ancestor && in(FORCED, signal);

	if (t->kernel_thread && in(t->ignored, signal))
		return sure(EFFECT_NOTHING, WHY_KERNEL);
	if (t->init == TRI_YES && t->outermost == TRI_YES && in(FORCED, signal))
		return sure(EFFECT_NOTHING, WHY_MACHINE);
	if (in(t->ignored, signal))
		return sure(EFFECT_NOTHING, WHY_IGNORED);
	if (in(t->caught, signal))
		return sure(EFFECT_NOTHING, WHY_NOT);
	if (in(HARMLESS, signal))
		return sure(EFFECT_NOTHING, WHY_HARMLESS);
	if (t->init == TRI_YES && !forced)
		return sure(EFFECT_NOTHING, in(FORCED, signal) ? WHY_INIT_INSIDE : WHY_INIT);
	return sure(EFFECT_NOTHING, WHY_NOT);
}

static struct signal_outcome acts(const struct signal_target *t, int signal)
{
	if (in(t->caught, signal))
		return sure(EFFECT_HANDLED, WHY_CAUGHT);
	if (in(FORCED, signal))
		return sure(signal == SIGKILL ? EFFECT_DIES : EFFECT_STOPS,
			    t->init == TRI_YES ? WHY_FORCED_INIT : WHY_NO_CATCH);
	if (in(STOPPING, signal))
		return maybe(EFFECT_STOPS, WHY_DEFAULT_STOP);
	return sure(EFFECT_DIES, WHY_DEFAULT_DIE);
}

/* kernel/signal.c:sig_fatal(): it has no handler, and its default action ends the process */
static bool is_fatal(const struct signal_target *t, int signal)
{
	return !in(t->ignored | t->caught | HARMLESS | STOPPING, signal) &&
	       (t->init != TRI_YES || signal == SIGKILL);
}

/* It waits, and then does what it would have done; unless a sigtimedwait takes it before that */
static struct signal_outcome later(const struct signal_target *t, int signal,
				   const struct receivers *r, enum signal_why why,
				   enum signal_when when)
{
	struct signal_outcome o = sure(EFFECT_PENDING, why);

	o.when = when;
	if (!r->awaiting || r->leader_open)
		o.then = acts(t, signal).effect;
	return o;
}

/* On v1 it shows state D once it is frozen, and not yet so while the freezer is at it */
static struct signal_outcome held_by_freezer(const struct signal_target *t, int signal,
					     const struct receivers *r, bool ends_all)
{
	struct signal_outcome o;

	if (ends_all && !t->frozen_by_v1)
		return sure(EFFECT_DIES, WHY_FATAL_FROZEN);
	o = later(t, signal, r, t->frozen_by_v1 ? WHY_FROZEN_V1 : WHY_FROZEN, WHEN_THAWED);
	/* another thread may take it */
	o.certain = t->frozen_all == TRI_YES && (!t->frozen_by_v1 || t->state == 'D');
	return o;
}

static struct signal_outcome held_by_sleep(const struct signal_target *t, int signal,
					   const struct receivers *r, bool ends_all)
{
	bool known = r->in_vfork == r->asleep && t->frozen == TRI_NO;
	struct signal_outcome o;

	if (ends_all && (r->ready || signal == SIGKILL)) {
		if (known)
			return sure(EFFECT_DIES, WHY_FATAL_VFORK);
		o = maybe(EFFECT_DIES, WHY_FATAL_SLEEP);
		o.when = WHEN_KILLABLE;
		return o;
	}
	/* another thread may be awake and take it */
	if (t->state != 'D')
		return sure(EFFECT_PENDING, WHY_NOT);
	o = later(t, signal, r, ends_all ? WHY_SLEEP_BEHIND : WHY_SLEEP, WHEN_AWAKE);
	o.certain = known && t->n_threads == 1;
	return o;
}

/* kernel/signal.c:complete_signal(): the leader cannot take it, and who can has no tracer */
static bool goes_past_tracer(const struct receivers *r)
{
	return (r->leader_held || !r->leader_open) && r->free && !r->watched_free;
}

/* It is dequeued by a thread that has a tracer: kernel/signal.c:get_signal(), ptrace_signal(); WHY_NOT: by none */
static struct signal_outcome seen_by_tracer(const struct receivers *r, bool leader_traced)
{
	if (!r->watched || goes_past_tracer(r))
		return sure(EFFECT_TRACER, WHY_NOT);
	if (r->leader_open && !r->leader_held)
		return sure(EFFECT_TRACER, leader_traced ? WHY_TRACED : WHY_NOT);
	return r->free ? maybe(EFFECT_TRACER, WHY_TRACED) : sure(EFFECT_TRACER, WHY_TRACED);
}

/*
 * The receiver cannot run now: kernel/signal.c:wants_signal(); WHY_NOT: it can. What ends the
 * process and dumps no core becomes a SIGKILL for every thread at once: complete_signal().
 */
static struct signal_outcome held_up(const struct signal_target *t, int signal,
				     const struct receivers *r)
{
	bool ends_all = is_fatal(t, signal) && !in(CORED, signal) &&
			(r->leader_open || !r->awaiting);

	if ((t->state == 'T' || t->state == 't') && !goes_past_tracer(r) && signal != SIGKILL &&
	    signal != SIGCONT)
		return later(t, signal, r, WHY_STOPPED, WHEN_RUNS);
	if (t->frozen == TRI_YES)
		return held_by_freezer(t, signal, r, ends_all);
	if (r->asleep)
		return held_by_sleep(t, signal, r, ends_all);
	return sure(EFFECT_PENDING, WHY_NOT);
}

static struct signal_outcome received(const struct signal_target *t, int signal,
				      const struct receivers *r)
{
	/* the real mask cannot be read while it waits; POSIX wants the signal blocked in it */
	if (r->awaiting && !r->leader_open)
		return maybe(EFFECT_TAKEN, r->open ? WHY_SIGWAIT_RACE : WHY_SIGWAIT);
	if (r->open == 0 && in(t->signalfds, signal))
		return maybe(EFFECT_TAKEN, WHY_SIGNALFD);
	if (r->open == 0)
		return t->signalfds_known ? sure(EFFECT_PENDING, WHY_BLOCKED) :
					    maybe(EFFECT_UNKNOWN, WHY_SIGNALFD_UNSEEN);
	return acts(t, signal);
}

static bool all_dead(const struct signal_target *t)
{
	for (size_t i = 0; i < t->n_threads; i++)
		if (!t->threads[i].dead)
			return false;
	return true;
}

/* What hides in an unread sigtimedwait: no program awaits a signal that it has a handler for */
static struct signal_outcome with_doubt(struct signal_outcome o, const struct receivers *r)
{
	if (o.effect == EFFECT_HANDLED)
		return o;
	/* who handles nothing and yet means to be told is most likely in such a wait */
	if (o.effect == EFFECT_NOTHING && (r->perhaps || r->unseen))
		return maybe(EFFECT_UNKNOWN, r->perhaps ? WHY_SIGWAIT_MAYBE : WHY_SIGWAIT_UNSEEN);
	if (r->perhaps)
		o.why = WHY_SIGWAIT_MAYBE;
	o.certain &= !r->perhaps && !r->unseen;
	return o;
}

/* A thread gets it, once the process runs again, and none that awaits it might get it first */
static bool is_delivered(const struct signal_target *t, int signal)
{
	bool delivered = false;

	for (size_t i = 0; i < t->n_threads; i++) {
		const struct signal_thread *thread = &t->threads[i];

		if (thread->dead)
			continue;
		if (signal != SIGKILL &&
		    (awaits(thread, signal) || (thread->in_sigwait && thread->awaited == 0)))
			return false;
		delivered |= in((thread->pending | t->shared_pending) & ~thread->blocked, signal);
	}
	return delivered;
}

int signal_fatal_pending(const struct signal_target *t)
{
	struct receivers r = find_receivers(t, SIGKILL);
	int found = 0;

	if (t->traced || t->dying || t->kernel_thread || t->core_dumping ||
	    (t->state != 'T' && t->frozen != TRI_YES && r.asleep == 0))
		return 0;
	for (int s = 1; s <= 64; s++)
		if (is_fatal(t, s) && is_delivered(t, s) && (found == 0 || found == SIGKILL))
			found = s;
	return found;
}

/* complete_signal() gives it to every thread; that for an execve(2) of one, to all but that one */
bool signal_kill_pending(const struct signal_target *t)
{
	bool all = true, any = false;

	for (size_t i = 0; i < t->n_threads; i++) {
		if (t->threads[i].dead)
			continue;
		any = true;
		all &= in(t->threads[i].pending, SIGKILL);
	}
	return any && (all || in(t->shared_pending, SIGKILL));
}

/* Linux v6.18 kernel/signal.c:prepare_signal() on SIGNAL_GROUP_EXIT, before any mask; WHY_NOT: not so */
static struct signal_outcome ends_already(const struct signal_target *t, int signal)
{
	if (signal_kill_pending(t))
		return sure(EFFECT_NOTHING, WHY_KILLED);
	/* the write itself may be one that no signal ends */
	if (t->core_dumping)
		return signal == SIGKILL ? maybe(EFFECT_DIES, WHY_CORE_KILL) :
					   sure(EFFECT_NOTHING, WHY_CORE);
	if (t->ending == TRI_YES)
		return sure(EFFECT_NOTHING, t->traced ? WHY_ENDING_HELD : WHY_ENDING);
	return sure(EFFECT_NOTHING, WHY_NOT);
}

/* What SIGCONT does to a stopped process: it is not stopped any more, but may stay where it is */
static struct signal_outcome continues(const struct signal_target *t)
{
	struct signal_outcome o =
		sure(EFFECT_PENDING, t->frozen_by_v1 ? WHY_FROZEN_V1 : WHY_FROZEN);

	if (t->frozen != TRI_YES)
		return signal_fatal_pending(t) ? sure(EFFECT_DIES, WHY_CONTINUE_DIE) :
						 sure(EFFECT_CONTINUES, WHY_CONTINUE);
	o.certain = t->frozen_all == TRI_YES;
	o.when = WHEN_THAWED;
	o.then = signal_fatal_pending(t) ? EFFECT_DIES : EFFECT_CONTINUES;
	return o;
}

static struct signal_outcome judge(const struct signal_target *t, int signal, bool from_ancestor)
{
	struct receivers r = find_receivers(t, signal);
	struct signal_outcome drop = dropped(t, signal, from_ancestor);
	struct signal_outcome hold = held_up(t, signal, &r);
	struct signal_outcome end = ends_already(t, signal);
	struct signal_outcome seen = seen_by_tracer(&r, t->traced);

	if (all_dead(t))
		return sure(EFFECT_NOTHING, WHY_DEAD);
	if (t->dying)
		return sure(EFFECT_NOTHING, WHY_DYING);
	if (end.why)
		return end;
	if (signal == SIGCONT && t->state == 'T')
		return continues(t);
	/* a blocked one is kept even if it is ignored; so is every one for a tracer but SIGKILL */
	if (drop.why && (!r.leader_holds || (r.open && !r.awaiting)) &&
	    (!t->traced || goes_past_tracer(&r) || signal == SIGKILL))
		return with_doubt(drop, &r);
	if (seen.why && signal != SIGKILL)
		return seen;
	if (hold.why && (r.open || r.awaiting))
		return hold;
	return with_doubt(received(t, signal, &r), &r);
}

struct signal_outcome signal_judge(const struct signal_target *t, int signal, bool from_ancestor)
{
	struct signal_outcome o = judge(t, signal, from_ancestor);

	/* what would do nothing does nothing there either */
	if (t->state == 't' && t->ending == TRI_UNKNOWN && o.effect != EFFECT_NOTHING && !t->dying)
		return maybe(EFFECT_UNKNOWN, WHY_ENDING_MAYBE);
	return o;
}
