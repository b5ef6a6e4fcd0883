/* SPDX-License-Identifier: MIT */
#include "act/reap/reap.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "act/pin.h"
#include "act/reap/tracee.h"
#include "base/duration.h"
#include "census/proc_stat.h"

#define BATCH_NS \
	(20 * INT64_C(1000000)) /* of 50 that it may stand still: a busy machine adds to it */
#define MIN_PAUSE_MS 5		/* between two batches */
#define MAX_VAIN_TRIES 400	/* to get one call in between its signals and its own work */
#define VAIN_PAUSE_MS 5
#define MAX_PASSING_TRIES 200 /* for a state that mostly lasts a moment to be over */
#define MAX_DOUBTFUL_TRIES \
	20 /* for what is true of a thread that ends, or starts a program, for a moment */

/* Between coroner and the child that holds the thread */
struct shared {
	struct reap_result result;
	pid_t held;	    /* the thread that is seized, 0: none */
	int64_t stopped_ns; /* since when it is, or was */
	bool is_at_stake;   /* its own call may be lost if who holds it is killed now */
	enum reap_fate fates[];
};

struct hand {
	const struct reap_subject *subject;
	const struct reap_target *targets;
	size_t n, next; /* those before next were tried */
	struct shared *shared;
	int pin;       /* of the parent */
	pid_t coroner; /* 0: this is coroner itself */
};

/* In the number of that zombie, is it still there, and its parent's? */
static bool is_still_it(const struct hand *h, const struct reap_target *t)
{
	struct process now = { 0 };

	return proc_stat_read_pid(h->subject->procfd, t->pid, &now) == 0 && now.state == 'Z' &&
	       now.start_ticks == t->start_ticks && now.ppid == h->subject->parent->pid;
}

/* What wait4(2) said, which every call must (Linux kernel/exit.c:wait_consider_task()) */
static enum reap_refusal note_fate(struct hand *h, int64_t result)
{
	const struct reap_target *t = &h->targets[h->next];
	enum reap_fate *fate = &h->shared->fates[h->next];

	if (result == t->inside)
		*fate = REAP_TAKEN;
	else if (result == 0)
		*fate = is_still_it(h, t) ? REAP_HELD : REAP_VANISHED;
	else if (result == -ECHILD)
		*fate = is_still_it(h, t) ? REAP_NO_CHILD : REAP_VANISHED;
	else {
		h->shared->result.detail = (int)result;
		return REAP_FAILED;
	}
	return REAP_ALLOWED;
}

/* coroner is still there, and so is the parent */
static bool is_wanted(const struct hand *h)
{
	return (!h->coroner || getppid() == h->coroner) && !pin_is_reaped(h->pin);
}

static bool goes_on(const struct hand *h)
{
	return h->next < h->n && is_wanted(h) &&
	       clock_ns(CLOCK_MONOTONIC) - h->shared->stopped_ns < BATCH_NS;
}

/* With the thread stopped: one after the other, until the time or the zombies are over */
static enum reap_refusal take_some(struct hand *h, struct tracee *t)
{
	enum reap_refusal why = REAP_ALLOWED;

	for (; why == REAP_ALLOWED && goes_on(h); h->next++) {
		const struct reap_target *target = &h->targets[h->next];
		int64_t result = 0;

		if (!is_still_it(h, target)) {
			h->shared->fates[h->next] = REAP_VANISHED;
			continue;
		}
		why = tracee_call(t, target->inside, &result);
		if (why != REAP_ALLOWED)
			break;
		why = note_fate(h, result);
	}
	return why;
}

static void note_stop(struct hand *h)
{
	struct reap_result *r = &h->shared->result;
	int64_t took = clock_ns(CLOCK_MONOTONIC) - h->shared->stopped_ns;

	if (!h->shared->held)
		return; /* it could not be seized */
	r->stops++;
	r->total_ns += took;
	r->longest_ns = took > r->longest_ns ? took : r->longest_ns;
	h->shared->held = 0;
}

static void note_thread(struct reap_result *r, pid_t tid, int nr, enum resume resume)
{
	r->thread = tid;
	r->nr = nr;
	r->resume = resume;
}

/* One stop of one thread */
static enum reap_refusal batch(struct hand *h, const struct reap_view *view,
			       struct reap_thread *thread)
{
	struct tracee t = { .procfd = h->subject->procfd,
			    .pid = h->subject->parent->pid,
			    .thread = thread,
			    .vdso_site = view->vdso_site,
			    .held = &h->shared->held,
			    .is_at_stake = &h->shared->is_at_stake };
	struct reap_result *r = &h->shared->result;
	bool first = !r->thread;
	enum reap_refusal why;

	h->shared->stopped_ns = clock_ns(CLOCK_MONOTONIC);
	why = tracee_stop(&t, &r->detail);
	if (why == REAP_ALLOWED) {
		if (first)
			note_thread(r, thread->tid, thread->call.nr, thread->resume);
		why = take_some(h, &t);
		(void)tracee_go(&t); /* that it has ended is seen at the next look */
	}
	if (t.interrupted >= 0) {
		r->interrupted = t.interrupted;
		if (first)
			note_thread(r, thread->tid, t.interrupted, RESUME_LIMITED);
	}
	h->shared->is_at_stake = false;
	note_stop(h);
	return why;
}

/* The first thread that can be stopped, in the order of the view */
static enum reap_refusal try_threads(struct hand *h, const struct reap_view *view)
{
	enum reap_refusal why = REAP_BUSY;

	for (size_t i = 0; i < view->n; i++) {
		why = batch(h, view, &view->threads[i]);
		/* of that one thread alone */
		if (why != REAP_GONE && why != REAP_SECCOMP && why != REAP_FOREIGN_CODE)
			return why;
	}
	return why == REAP_GONE ? REAP_BUSY : why;
}

static bool is_there(const struct reap_subject *s)
{
	struct process now = { 0 };

	return proc_stat_read_pid(s->procfd, s->parent->pid, &now) == 0 &&
	       now.start_ticks == s->parent->start_ticks;
}

/* Without memory, or with memory that is not set up yet, a thread may not be traced and has no vdso */
static bool is_doubtful(enum reap_refusal why)
{
	return why == REAP_DENIED || why == REAP_NO_INSTRUCTION;
}

/*
 * Seen in passing, it may be over at the next look: who starts children is in vfork again and again, and
 * when a thread starts a program (execve(2)), all others are killed, the first one too.
 */
static unsigned tries_for(const struct reap_subject *s, enum reap_refusal why)
{
	switch (why) {
	case REAP_IN_VFORK:
	case REAP_UNINTERRUPTIBLE:
		return MAX_PASSING_TRIES;
	case REAP_DYING:
	case REAP_GONE:
		return is_there(s) ? MAX_PASSING_TRIES : 0;
	default:
		return is_doubtful(why) ? MAX_DOUBTFUL_TRIES : 0;
	}
}

/* A look at the parent in a state that is none of those, or once it has lasted for a second */
static void look_patiently(const struct reap_subject *s, struct reap_view *ret)
{
	reap_look(s->procfd, s->parent, s->frozen, ret);
	for (unsigned tries = 0; tries < tries_for(s, ret->refusal); tries++) {
		sleep_ms(VAIN_PAUSE_MS);
		reap_look(s->procfd, s->parent, s->frozen,
			  ret); /* nothing to free: it is refused */
	}
}

static enum reap_refusal look_and_try(struct hand *h)
{
	struct reap_view view;
	enum reap_refusal why;

	look_patiently(h->subject, &view);
	why = view.refusal;
	h->shared->result.detail = view.detail;
	if (why == REAP_ALLOWED)
		why = try_threads(h, &view);
	reap_view_done(&view);
	return why;
}

/* As long for the parent as it stood still */
static void pause_between(const struct hand *h, bool in_vain)
{
	int64_t ms = (clock_ns(CLOCK_MONOTONIC) - h->shared->stopped_ns) / 1000000;

	sleep_ms(in_vain ? VAIN_PAUSE_MS : ms > MIN_PAUSE_MS ? (uint64_t)ms : MIN_PAUSE_MS);
}

static void work(struct hand *h)
{
	enum reap_refusal why = REAP_ALLOWED;
	unsigned vain = 0, doubtful = 0;

	while (h->next < h->n && is_wanted(h)) {
		size_t before = h->next;

		why = look_and_try(h);
		vain = h->next > before ? 0 : vain + 1;
		doubtful = is_doubtful(why) ? doubtful + 1 : 0;
		if (vain > MAX_VAIN_TRIES || doubtful > MAX_DOUBTFUL_TRIES ||
		    (why != REAP_ALLOWED && why != REAP_BUSY && !doubtful))
			break;
		if (h->next < h->n)
			pause_between(h, h->next == before);
	}
	h->shared->result.refusal = h->next == h->n ? REAP_ALLOWED : why;
}

/* Nothing but SIGKILL may end it while it holds a thread */
static void block_signals(sigset_t *ret_before)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGALRM); /* tracee_begin() */
	(void)sigprocmask(SIG_SETMASK, &set, ret_before);
}

_Noreturn static void be_the_hand(struct hand *h)
{
	sigset_t before;

	block_signals(&before);
	(void)prctl(PR_SET_NAME, "reap-hand");
	(void)setsid(); /* what ends coroner's terminal or process group does not end this */
	tracee_begin();
	work(h);
	_exit(0);
}

/* No process can be made, as where zombies have filled pids.max: it is done here, without that safety */
static void work_alone(struct hand *h)
{
	sigset_t before;

	h->coroner = 0;
	block_signals(&before);
	tracee_begin();
	work(h);
	tracee_end();
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

/* The child was killed, and the kernel has let go of what it held */
static void note_killed(struct hand *h)
{
	struct reap_result *r = &h->shared->result;

	r->refusal = REAP_KILLED;
	if (h->shared->is_at_stake) {
		/* what it was in when it was looked at may be over */
		r->refusal = REAP_LOST;
		r->thread = h->shared->held;
		r->nr = -1;
	}
	note_stop(h);
}

static void run_hand(struct hand *h)
{
	int status = 0;
	pid_t child;

	h->coroner = getpid();
	child = fork();
	if (child == 0)
		be_the_hand(h);
	if (child < 0) {
		work_alone(h);
		return;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		note_killed(h);
}

static struct reap_result nothing_done(enum reap_refusal why, int detail)
{
	return (struct reap_result){ .refusal = why, .detail = detail, .nr = -1, .interrupted = -1 };
}

void reap_rehearse(const struct reap_subject *s, struct reap_result *ret)
{
	struct reap_view view;

	look_patiently(s, &view);
	*ret = nothing_done(view.refusal, view.detail);
	if (view.n > 0) {
		ret->thread = view.threads[0].tid;
		ret->nr = view.threads[0].call.nr;
		ret->resume = view.threads[0].resume;
	}
	reap_view_done(&view);
}

void reap_take(const struct reap_subject *s, struct reap_target *targets, size_t n,
	       struct reap_result *ret)
{
	size_t size = sizeof(struct shared) + n * sizeof(enum reap_fate);
	struct hand h = { .subject = s, .targets = targets, .n = n };
	auto_close int pin = pin_open(s->procfd, s->parent, NULL);
	void *memory;

	*ret = nothing_done(pin == -ESRCH ? REAP_GONE : REAP_FAILED, pin);
	if (pin < 0)
		return;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		ret->detail = -errno;
		return;
	}
	h.pin = pin;
	h.shared = memory;
	h.shared->result = nothing_done(REAP_ALLOWED, 0);
	run_hand(&h);
	*ret = h.shared->result;
	for (size_t i = 0; i < n; i++)
		targets[i].fate = h.shared->fates[i];
	(void)munmap(memory, size);
}
