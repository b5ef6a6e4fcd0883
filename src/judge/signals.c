/* SPDX-License-Identifier: MIT */
#include "judge/signals.h"

#include <signal.h>

#include "inspect/status.h"

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

/* Linux include/linux/signal.h: SIG_KERNEL_ONLY_MASK, SIG_KERNEL_IGNORE_MASK, SIG_KERNEL_STOP_MASK */
#define FORCED (BIT(SIGKILL) | BIT(SIGSTOP))
#define HARMLESS (BIT(SIGCONT) | BIT(SIGCHLD) | BIT(SIGWINCH) | BIT(SIGURG))
#define STOPPING (BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))

/* SIG_KERNEL_COREDUMP_MASK: complete_signal() does not turn these into a SIGKILL for all threads */
#define CORED                                                                                    \
	(BIT(SIGQUIT) | BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGABRT) | BIT(SIGFPE) | BIT(SIGSEGV) | \
	 BIT(SIGBUS) | BIT(SIGSYS) | BIT(SIGXCPU) | BIT(SIGXFSZ))

#define WHY_DEAD "it is dead: kill(2) succeeds, and nobody gets the signal"
#define WHY_DYING "it is being torn down already: the kernel drops every signal"
#define WHY_KERNEL "it is a kernel thread, and those ignore what processes send"
#define WHY_IGNORED "the process ignores this signal (SigIgn)"
#define WHY_HARMLESS "it has no handler, and the default action is to do nothing"
#define WHY_INIT \
	"the init of a PID namespace gets no signal that it has no handler for, from inside or outside"
#define WHY_INIT_INSIDE \
	"SIGKILL and SIGSTOP reach the init of a PID namespace from an ancestor namespace only"
#define WHY_MACHINE "the init of the whole machine gets neither SIGKILL nor SIGSTOP from anybody"
#define WHY_FORCED_INIT "sent from an ancestor namespace, SIGKILL and SIGSTOP are forced on an init"
#define WHY_TRACED "a tracer is attached: it sees the signal first and decides (ptrace(2))"
#define WHY_BLOCKED "every thread blocks it (SigBlk): it stays pending until one unblocks it"
#define WHY_STOPPED "it is stopped: only SIGKILL and SIGCONT act before SIGCONT lets it run"
#define WHY_FROZEN "its cgroup is frozen: the signal waits until it is thawed"
#define WHY_FROZEN_V1 \
	"its cgroup is frozen by the v1 freezer: every signal, SIGKILL too, waits until it is thawed"
#define WHY_FATAL_FROZEN \
	"its cgroup is frozen, but cgroup v2 lets a signal that ends the process through"
#define WHY_SLEEP "it is in uninterruptible sleep (state D): the signal waits until that ends"
#define WHY_SLEEP_BEHIND \
	"it is in uninterruptible sleep (state D) with another signal pending: this one waits behind it"
#define WHY_FATAL_SLEEP \
	"it is in state D: what ends a process acts at once only if that sleep is a killable one"
#define WHY_FATAL_VFORK \
	"it is in state D, waiting for its vfork child: what ends a process ends that wait, too"
#define WHY_SIGWAIT \
	"a thread sleeps in rt_sigtimedwait for it, which hides it from SigBlk, and takes it as data"
#define WHY_SIGWAIT_MAYBE \
	"a thread sleeps in rt_sigtimedwait for signals that could not be read: perhaps for this one"
#define WHY_SIGWAIT_RACE \
	"a thread waits for it in rt_sigtimedwait, but another one does not block it and may get it"
#define WHY_SIGNALFD "it is blocked, and a signalfd of the process reads it"
#define WHY_CAUGHT "a handler runs (SigCgt); what it does is up to the program"
#define WHY_NO_CATCH "no process can catch, block or ignore it"
#define WHY_DEFAULT_STOP \
	"it has no handler, and the default action is to stop, unless its process group is orphaned"
#define WHY_DEFAULT_DIE "it has no handler, and the default action is to end the process"
#define WHY_CONTINUE_DIE \
	"it lets the process run, and a pending signal that has no handler then ends it"
#define WHEN_RUNS "until it runs again"
#define WHEN_THAWED "until it is thawed"
#define WHEN_AWAKE "until that sleep ends"
#define WHEN_KILLABLE "at once if that sleep is a killable one, else when it ends"
#define WHY_CONTINUE "SIGCONT lets a stopped process run, whatever its masks say"

static bool in(uint64_t set, int signal)
{
	return mask_has(set, signal);
}

static struct signal_outcome sure(enum signal_effect effect, const char *why)
{
	return (struct signal_outcome){ effect, true, why, NULL, effect };
}

static struct signal_outcome maybe(enum signal_effect effect, const char *why)
{
	return (struct signal_outcome){ effect, false, why, NULL, effect };
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
	size_t open, awaiting; /* threads that neither block nor await it; that await it */
	size_t ready;	       /* of the open ones, those that no other signal is pending for */
	size_t asleep;	       /* threads in state D */
	size_t in_vfork;       /* of these, those that wait for their vfork child */
	bool perhaps; /* a thread sleeps in sigtimedwait for a set that could not be read */
	bool unseen;  /* what a thread does could not be read: perhaps the same */
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
		}
		if (thread->dead)
			continue;
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

/* kernel/signal.c:sig_task_ignored(): what is dropped before anybody sees it; why NULL: not so */
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
		return sure(EFFECT_NOTHING, NULL);
	if (in(HARMLESS, signal))
		return sure(EFFECT_NOTHING, WHY_HARMLESS);
	if (t->init == TRI_YES && !forced)
		return sure(EFFECT_NOTHING, in(FORCED, signal) ? WHY_INIT_INSIDE : WHY_INIT);
	return sure(EFFECT_NOTHING, NULL);
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
				   const struct receivers *r, const char *why, const char *when)
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
	o.certain = !t->frozen_by_v1 || t->state == 'D';
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
		return sure(EFFECT_PENDING, NULL);
	o = later(t, signal, r, ends_all ? WHY_SLEEP_BEHIND : WHY_SLEEP, WHEN_AWAKE);
	o.certain = known && t->n_threads == 1;
	return o;
}

/*
 * The receiver cannot run now: kernel/signal.c:wants_signal(); why NULL: it can. What ends the
 * process and dumps no core becomes a SIGKILL for every thread at once: complete_signal().
 */
static struct signal_outcome held_up(const struct signal_target *t, int signal,
				     const struct receivers *r)
{
	bool ends_all = is_fatal(t, signal) && !in(CORED, signal) &&
			(r->leader_open || !r->awaiting);

	if ((t->state == 'T' || t->state == 't') && signal != SIGKILL && signal != SIGCONT)
		return later(t, signal, r, WHY_STOPPED, WHEN_RUNS);
	if (t->frozen == TRI_YES)
		return held_by_freezer(t, signal, r, ends_all);
	if (r->asleep)
		return held_by_sleep(t, signal, r, ends_all);
	return sure(EFFECT_PENDING, NULL);
}

static struct signal_outcome received(const struct signal_target *t, int signal,
				      const struct receivers *r)
{
	/* the real mask cannot be read while it waits; POSIX wants the signal blocked in it */
	if (r->awaiting && !r->leader_open)
		return maybe(EFFECT_TAKEN, r->open ? WHY_SIGWAIT_RACE : WHY_SIGWAIT);
	if (r->open == 0)
		return in(t->signalfds, signal) ? sure(EFFECT_TAKEN, WHY_SIGNALFD) :
						  sure(EFFECT_PENDING, WHY_BLOCKED);
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

	if (t->traced || t->dying || t->kernel_thread ||
	    (t->state != 'T' && t->frozen != TRI_YES && r.asleep == 0))
		return 0;
	for (int s = 1; s <= 64; s++)
		if (is_fatal(t, s) && is_delivered(t, s) && (found == 0 || found == SIGKILL))
			found = s;
	return found;
}

struct signal_outcome signal_judge(const struct signal_target *t, int signal, bool from_ancestor)
{
	struct receivers r = find_receivers(t, signal);
	struct signal_outcome drop = dropped(t, signal, from_ancestor);
	struct signal_outcome hold = held_up(t, signal, &r);

	if (all_dead(t))
		return sure(EFFECT_NOTHING, WHY_DEAD);
	if (t->dying)
		return sure(EFFECT_NOTHING, WHY_DYING);
	if (signal == SIGCONT && t->state == 'T')
		return signal_fatal_pending(t) ? sure(EFFECT_DIES, WHY_CONTINUE_DIE) :
						 sure(EFFECT_CONTINUES, WHY_CONTINUE);
	/* a blocked one is kept even if it is ignored; so is every one for a tracer but SIGKILL */
	if (drop.why && (!r.leader_holds || (r.open && !r.awaiting)) &&
	    (!t->traced || signal == SIGKILL))
		return with_doubt(drop, &r);
	if (t->traced && signal != SIGKILL && r.open)
		return sure(EFFECT_TRACER, WHY_TRACED);
	if (hold.why && (r.open || r.awaiting))
		return hold;
	return with_doubt(received(t, signal, &r), &r);
}

const char *signal_effect_name(enum signal_effect effect)
{
	static const char *const names[] = {
		[EFFECT_NOTHING] = "nothing", [EFFECT_DIES] = "dies",
		[EFFECT_STOPS] = "stops",     [EFFECT_CONTINUES] = "continues",
		[EFFECT_HANDLED] = "handled", [EFFECT_TAKEN] = "taken",
		[EFFECT_PENDING] = "pending", [EFFECT_TRACER] = "tracer",
	};

	return names[effect];
}
