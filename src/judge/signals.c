/* SPDX-License-Identifier: MIT */
#include "judge/signals.h"

#include <signal.h>

#include "inspect/status.h"

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

/* Linux include/linux/signal.h: SIG_KERNEL_ONLY_MASK, SIG_KERNEL_IGNORE_MASK, SIG_KERNEL_STOP_MASK */
#define FORCED (BIT(SIGKILL) | BIT(SIGSTOP))
#define HARMLESS (BIT(SIGCONT) | BIT(SIGCHLD) | BIT(SIGWINCH) | BIT(SIGURG))
#define STOPPING (BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))

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
#define WHY_KILL_FROZEN \
	"its cgroup is frozen: SIGKILL acts at once on cgroup v2, on v1 only once it is thawed"
#define WHY_SLEEP "it is in uninterruptible sleep (state D): the signal waits until that ends"
#define WHY_KILL_SLEEP "it is in state D: SIGKILL acts at once only if that sleep is a killable one"
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
#define WHY_CONTINUE "SIGCONT lets a stopped process run, whatever its masks say"

static bool in(uint64_t set, int signal)
{
	return mask_has(set, signal);
}

static struct signal_outcome sure(enum signal_effect effect, const char *why)
{
	return (struct signal_outcome){ effect, true, why };
}

static struct signal_outcome maybe(enum signal_effect effect, const char *why)
{
	return (struct signal_outcome){ effect, false, why };
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
	bool perhaps; /* a thread sleeps in sigtimedwait for a set that could not be read */
	bool unseen;  /* what a thread does could not be read: perhaps the same */
};

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

/* The receiver cannot run now: kernel/signal.c:wants_signal(); why NULL: it can */
static struct signal_outcome held_up(const struct signal_target *t, int signal)
{
	bool is_kill = signal == SIGKILL;

	if ((t->state == 'T' || t->state == 't') && !is_kill && signal != SIGCONT)
		return sure(EFFECT_PENDING, WHY_STOPPED);
	if (t->frozen == TRI_YES)
		return is_kill ? maybe(EFFECT_DIES, WHY_KILL_FROZEN) :
				 sure(EFFECT_PENDING, WHY_FROZEN);
	if (t->state == 'D')
		return is_kill ? maybe(EFFECT_DIES, WHY_KILL_SLEEP) :
				 maybe(EFFECT_PENDING, WHY_SLEEP);
	return sure(EFFECT_PENDING, NULL);
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

struct signal_outcome signal_judge(const struct signal_target *t, int signal, bool from_ancestor)
{
	struct receivers r = find_receivers(t, signal);
	struct signal_outcome drop = dropped(t, signal, from_ancestor);
	struct signal_outcome hold = held_up(t, signal);

	if (all_dead(t))
		return sure(EFFECT_NOTHING, WHY_DEAD);
	if (t->dying)
		return sure(EFFECT_NOTHING, WHY_DYING);
	if (signal == SIGCONT && t->state == 'T')
		return sure(EFFECT_CONTINUES, WHY_CONTINUE);
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
