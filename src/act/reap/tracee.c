/* SPDX-License-Identifier: MIT */
/* One machine, longer than 400 lines: none of its steps is safe to take from anywhere else. */
#include "act/reap/tracee.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "act/reap/shortfall.h"
#include "base/duration.h"

#define LOOK_UP_US 100000  /* how often a wait for a stop looks at the clock */
#define FIRST_STOP_MS 1000 /* a thread that sleeps interruptibly, or runs, stops at once */
#define OVERDUE_MS 1000	   /* in the midst of a call: something holds it, a frozen cgroup */
#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

/* Requests and structs that the libc's headers may be too old for: Linux include/uapi/linux/ptrace.h */
#define GET_RSEQ_CONFIGURATION 0x420f		/* 5.13 */
#define GET_SYSCALL_USER_DISPATCH_CONFIG 0x4211 /* 6.4 */
#define SUSPEND_SECCOMP (1 << 21)

struct rseq_configuration {
	uint64_t address;
	uint32_t size, signature, flags, pad;
};

struct user_dispatch {
	uint64_t mode, selector, offset, len;
};

/* Linux include/uapi/linux/rseq.h */
struct rseq_section {
	uint32_t version, flags;
	uint64_t start, length, abort;
};

enum stop {
	STOP_NONE,    /* it has ended */
	STOP_LATE,    /* not within the time */
	STOP_TRAP,    /* as asked for by PTRACE_INTERRUPT */
	STOP_SYSCALL, /* at the beginning or the end of a call */
	STOP_SIGNAL,  /* a signal is about to be delivered */
	STOP_GROUP,   /* the whole process is stopped */
};

static void on_alarm(int signal_number)
{
	(void)signal_number;
}

void tracee_begin(void)
{
	const struct itimerval often = { { 0, LOOK_UP_US }, { 0, LOOK_UP_US } };
	const struct sigaction action = { .sa_handler = on_alarm }; /* no SA_RESTART */

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &often, NULL);
}

void tracee_end(void)
{
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };

	(void)setitimer(ITIMER_REAL, &never, NULL);
}

static long request(int what, const struct tracee *t, uintptr_t address, uintptr_t data)
{
	return ptrace((enum __ptrace_request)what, t->thread->tid, (void *)address, (void *)data);
}

static enum stop kind_of(int status)
{
	int event = status >> 16;

	if (!WIFSTOPPED(status))
		return STOP_NONE;
	if (WSTOPSIG(status) == SYSCALL_STOP)
		return STOP_SYSCALL;
	if (event == PTRACE_EVENT_STOP)
		return WSTOPSIG(status) == SIGTRAP ? STOP_TRAP : STOP_GROUP;
	return event == 0 ? STOP_SIGNAL : STOP_TRAP;
}

static enum stop await_stop(struct tracee *t, unsigned ms)
{
	int64_t deadline = clock_ns(CLOCK_MONOTONIC) + (int64_t)ms * 1000000;
	int status;

	t->signal = 0;
	while (waitpid(t->thread->tid, &status, __WALL) < 0) {
		if (errno != EINTR)
			return STOP_NONE; /* another thread of it has started a program */
		if (clock_ns(CLOCK_MONOTONIC) > deadline)
			return STOP_LATE;
	}
	if (kind_of(status) == STOP_SIGNAL)
		t->signal = WSTOPSIG(status);
	return kind_of(status);
}

/* In the midst there is no giving up: what is not there in time is asked to stop where it is */
static enum stop await_midst(struct tracee *t)
{
	enum stop stop;

	while ((stop = await_stop(t, OVERDUE_MS)) == STOP_LATE)
		if (request(PTRACE_INTERRUPT, t, 0, 0) < 0)
			break;
	return stop;
}

static int peek(const struct tracee *t, uint64_t address, void *buf, size_t size)
{
	struct iovec local = { buf, size }, remote = { (void *)(uintptr_t)address, size };

	return process_vm_readv(t->thread->tid, &local, 1, &remote, 1, 0) == (ssize_t)size ?
		       0 :
		       -EFAULT;
}

/*
 * Code of its own may be in a restartable sequence (rseq(2)): after any entry into the kernel from
 * elsewhere that would not be started over, as it must be. Unknown counts as "in one".
 */
static bool may_be_in_rseq(const struct tracee *t, uint64_t pc)
{
	struct rseq_configuration c = { 0 };
	struct rseq_section s = { 0 };
	uint64_t address = 0;

	if (request(GET_RSEQ_CONFIGURATION, t, sizeof(c), (uintptr_t)&c) < 0)
		return true;
	if (c.address == 0)
		return false;
	/* struct rseq: cpu_id_start, cpu_id, rseq_cs */
	if (peek(t, c.address + 8, &address, sizeof(address)) < 0)
		return true;
	if (address == 0)
		return false;
	return peek(t, address, &s, sizeof(s)) < 0 || pc - s.start < s.length;
}

static bool dispatches(const struct tracee *t)
{
	struct user_dispatch d = { 0 };

	return request(GET_SYSCALL_USER_DISPATCH_CONFIG, t, sizeof(d), (uintptr_t)&d) >= 0 &&
	       d.mode != 0;
}

static bool is_site_at(const struct tracee *t, uint64_t address)
{
	unsigned char code[8];

	return address && peek(t, address, code, reap_arch_site_size) == 0 &&
	       reap_arch_is_site(code, reap_arch_site_size);
}

static bool is_old_gate_at(const struct tracee *t, uint64_t address)
{
	unsigned char code[8];

	return peek(t, address, code, reap_arch_site_size) == 0 &&
	       reap_arch_is_old_gate(code, reap_arch_site_size);
}

/*
 * Where it stands, what of its call must be put right, and where the injected one is made. REAP_BUSY:
 * that cannot be said, so that it must be let go as it is.
 */
static enum reap_refusal prepare(struct tracee *t, const struct reap_status *now)
{
	const uint64_t pc = reap_arch_pc(&t->original);
	/* it has gone to sleep once since: in the stop */
	bool same = t->thread->call.nr >= 0 && now->switches == t->thread->switches + 1;
	struct reap_call call;
	enum reap_place place = reap_arch_place(&t->original, same ? &t->thread->call : NULL,
						is_site_at(t, pc),
						is_site_at(t, pc - reap_arch_site_size), &call);

	if (place == PLACE_UNKNOWN && is_old_gate_at(t, pc - reap_arch_site_size))
		return REAP_FOREIGN_CODE;
	if (place == PLACE_UNKNOWN || (place == PLACE_CODE && may_be_in_rseq(t, pc)))
		return REAP_BUSY;
	t->nr = call.nr;
	t->may_fail = (place == PLACE_EINTR || place == PLACE_UNSEEN || place == PLACE_AGAIN) &&
		      resume_may_fail(call.nr, call.args);
	t->site = reap_arch_site(&t->original, place);
	if (t->site == 0)
		t->site = t->vdso_site;
	if (place == PLACE_EINTR && resume_of(call.nr, call.args) == RESUME_ANEW) {
		reap_arch_anew(&t->original, call.args[0]);
		t->is_changed = true;
	} else if ((t->may_fail && place != PLACE_AGAIN) ||
		   (place == PLACE_DONE && same &&
		    call_fell_short(t->thread->tid, &t->thread->call,
				    reap_arch_result(&t->original)))) {
		t->interrupted = call.nr;
	} else if (place == PLACE_AGAIN && resume_by_block(call.nr, call.args)) {
		reap_arch_by_block(&t->original);
	}
	t->enters = reap_arch_must_block && place == PLACE_AGAIN;
	return is_site_at(t, t->site) ? REAP_ALLOWED : REAP_NO_INSTRUCTION;
}

/* One that is not there yet too: another thread may give it to all (SECCOMP_FILTER_FLAG_TSYNC) */
static enum reap_refusal suspend_filter(const struct tracee *t, const struct reap_status *now)
{
	bool suspended =
		request(PTRACE_SETOPTIONS, t, 0, PTRACE_O_TRACESYSGOOD | SUSPEND_SECCOMP) == 0;

	if (dispatches(t))
		return REAP_USER_DISPATCH;
	return now->seccomp && !suspended ? REAP_SECCOMP : REAP_ALLOWED;
}

/* It stands, and nothing of it is changed as yet: is it the one, and can it be done? */
static enum reap_refusal examine(struct tracee *t)
{
	enum reap_refusal why;
	struct reap_status now;
	int r = reap_arch_get(t->thread->tid, &t->original);

	t->stopped = t->original;
	if (r == -ENOTSUP)
		return REAP_FOREIGN_CODE;
	if (r < 0 || reap_status_read(t->procfd, t->pid, t->thread->tid, &now) < 0 ||
	    now.tgid != t->pid)
		return REAP_BUSY;
	why = prepare(t, &now);
	return why == REAP_ALLOWED ? suspend_filter(t, &now) : why;
}

static int detach(struct tracee *t)
{
	return request(PTRACE_DETACH, t, 0, (uintptr_t)t->signal) < 0 ? -errno : 0;
}

static enum reap_refusal why_not_seized(const struct tracee *t, int error, int *ret_detail)
{
	struct reap_status now;
	int r = reap_status_read(t->procfd, t->pid, t->thread->tid, &now);

	if (error == ESRCH || (r < 0 && r != -EACCES) || (r == 0 && now.dead))
		return REAP_GONE;
	*ret_detail = error == EPERM ? reap_yama_scope(t->procfd) : -error;
	if (error != EPERM)
		return REAP_FAILED;
	if (r < 0 || now.tracer == 0)
		return REAP_DENIED;
	*ret_detail = now.tracer;
	return REAP_TRACED;
}

/*
 * Before it stopped a thread has started a program: if it was this one, it has the number of the process
 * now, and is held by that.
 */
static void let_go_renamed(const struct tracee *t)
{
	int64_t deadline = clock_ns(CLOCK_MONOTONIC) + FIRST_STOP_MS * INT64_C(1000000);
	int status, r;

	if (t->thread->tid == t->pid ||
	    ptrace((enum __ptrace_request)PTRACE_INTERRUPT, t->pid, NULL, NULL) < 0)
		return;
	do
		r = waitpid(t->pid, &status, __WALL);
	while (r < 0 && errno == EINTR && clock_ns(CLOCK_MONOTONIC) < deadline);
	if (r == t->pid && WIFSTOPPED(status))
		(void)ptrace(PTRACE_DETACH, t->pid, NULL,
			     kind_of(status) == STOP_SIGNAL ? (uintptr_t)WSTOPSIG(status) : 0);
}

/* Signals wait from here on, so that what the kernel decides about its call it decides afresh */
static void mask(struct tracee *t)
{
	const uint64_t all = UINT64_MAX;

	if (!reap_arch_must_block || t->masked ||
	    request(PTRACE_GETSIGMASK, t, sizeof(t->mask), (uintptr_t)&t->mask) < 0)
		return;
	t->masked = request(PTRACE_SETSIGMASK, t, sizeof(all), (uintptr_t)&all) == 0;
}

static void unmask(struct tracee *t)
{
	if (t->masked)
		(void)request(PTRACE_SETSIGMASK, t, sizeof(t->mask), (uintptr_t)&t->mask);
	t->masked = false;
}

/* A call that the stop has ended is to be made again, whoever lets the thread go */
static void put_right(struct tracee *t)
{
	if (!t->is_changed)
		*t->is_at_stake = t->interrupted >= 0;
	else if (!reap_arch_must_block && reap_arch_set(t->thread->tid, &t->original) == 0)
		*t->is_at_stake = false;
}

enum reap_refusal tracee_stop(struct tracee *t, int *ret_detail)
{
	enum reap_refusal why = REAP_ALLOWED;

	*ret_detail = 0;
	t->interrupted = -1;
	if (request(PTRACE_SEIZE, t, 0, PTRACE_O_TRACESYSGOOD) < 0)
		return why_not_seized(t, errno, ret_detail);
	*t->held = t->thread->tid;
	*t->is_at_stake = true; /* since it was looked at it may have begun any other call */
	reap_look_again(t->procfd, t->pid, t->thread);
	(void)request(PTRACE_INTERRUPT, t, 0, 0);
	switch (await_stop(t, FIRST_STOP_MS)) {
	case STOP_NONE:
		let_go_renamed(t);
		return REAP_GONE;
	case STOP_LATE:
		return REAP_UNINTERRUPTIBLE;
	case STOP_TRAP:
		why = examine(t);
		break;
	case STOP_GROUP:
		why = REAP_STOPPED;
		break;
	default:
		why = REAP_BUSY;
		break;
	}
	if (why == REAP_ALLOWED) {
		put_right(t);
		return why;
	}
	if (t->is_changed && !reap_arch_must_block)
		(void)reap_arch_set(t->thread->tid, &t->original);
	else if (t->is_changed)
		t->interrupted = t->nr;
	(void)detach(t);
	return why;
}

static void put_back(struct tracee *t)
{
	if (reap_arch_set(t->thread->tid, &t->original) == 0)
		*t->is_at_stake = t->interrupted >= 0;
	unmask(t);
}

/* A stop that the call did not ask for: what it is about comes first */
static enum reap_refusal why_stopped(struct tracee *t, enum stop stop)
{
	siginfo_t info;

	if (stop == STOP_NONE)
		return REAP_GONE;
	if (stop == STOP_GROUP)
		return REAP_STOPPED;
	if (stop != STOP_SIGNAL || t->signal != SIGSYS ||
	    request(PTRACE_GETSIGINFO, t, 0, (uintptr_t)&info) < 0 || info.si_code <= 0)
		return REAP_BUSY;
	/* the kernel's answer to the injected call: not for the program */
	t->signal = 0;
	return REAP_USER_DISPATCH;
}

/* To the beginning of a call, or from there to its end */
static enum reap_refusal run_on(struct tracee *t)
{
	enum stop stop;

	if (request(PTRACE_SYSCALL, t, 0, 0) < 0)
		return REAP_GONE;
	stop = await_midst(t);
	return stop == STOP_SYSCALL ? REAP_ALLOWED : why_stopped(t, stop);
}

/* Registers that are not its own, from here until put_back() */
static enum reap_refusal put_foreign(struct tracee *t, const struct reap_regs *regs)
{
	*t->is_at_stake = true;
	return reap_arch_set(t->thread->tid, regs) < 0 ? REAP_GONE : REAP_ALLOWED;
}

/*
 * Into its own call, which is another one from then on. Should this process be killed in between, it is in
 * its own, and the kernel wakes it as for a signal: some come back with EINTR then, epoll_wait(2) for one.
 */
static enum reap_refusal enter_and_divert(struct tracee *t, struct reap_regs *regs, pid_t pid)
{
	enum reap_refusal why;

	*t->is_at_stake |= t->may_fail;
	if (reap_arch_set(t->thread->tid, regs) < 0)
		return REAP_GONE;
	why = run_on(t);
	if (why != REAP_ALLOWED)
		return why;
	if (reap_arch_get(t->thread->tid, regs) < 0)
		return REAP_GONE;
	reap_arch_divert(regs, pid, WNOHANG | __WALL);
	return put_foreign(t, regs);
}

/* A call of its own is not begun: it makes one where there is an instruction for it */
static enum reap_refusal enter(struct tracee *t, struct reap_regs *regs, pid_t pid)
{
	enum reap_refusal why;

	reap_arch_call(regs, t->site, pid, WNOHANG | __WALL);
	why = put_foreign(t, regs);
	return why == REAP_ALLOWED ? run_on(t) : why;
}

enum reap_refusal tracee_call(struct tracee *t, pid_t pid, int64_t *ret_result)
{
	struct reap_regs regs = t->original;
	enum reap_refusal why;

	mask(t);
	t->at_exit = false;
	t->has_called = true;
	why = reap_arch_enter(&regs) ? enter_and_divert(t, &regs, pid) : enter(t, &regs, pid);
	if (why == REAP_ALLOWED)
		why = run_on(t);
	if (why == REAP_ALLOWED)
		t->at_exit = true;
	if (why == REAP_ALLOWED && reap_arch_get(t->thread->tid, &regs) < 0)
		why = REAP_GONE;
	if (why == REAP_GONE)
		return why;
	if (why == REAP_ALLOWED)
		*ret_result = reap_arch_result(&regs);
	/*
	 * Until the next call all is as it was. Should this process be killed now, the kernel wakes the thread
	 * for its signal handling (Linux kernel/ptrace.c:__ptrace_unlink()), which makes its own call again.
	 */
	put_back(t);
	return why;
}

/*
 * From the end of a call to a stop inside the kernel's signal handling: only what is put back there is
 * acted upon (Linux kernel/entry/common.c:exit_to_user_mode_loop()).
 */
static bool leave_call(struct tracee *t)
{
	if (!t->at_exit)
		return true;
	if (request(PTRACE_INTERRUPT, t, 0, 0) < 0 || request(PTRACE_CONT, t, 0, 0) < 0)
		return false;
	return await_midst(t) != STOP_NONE;
}

/* Its own call is made again: once it has entered, the kernel knows all that it must about it */
static bool enter_call(struct tracee *t)
{
	enum stop stop;

	if (t->signal)
		return true; /* SIGSTOP, which nothing blocks */
	*t->is_at_stake |= t->may_fail;
	if (request(PTRACE_SYSCALL, t, 0, 0) < 0)
		return false;
	stop = await_midst(t);
	return stop != STOP_NONE;
}

/*
 * A call that is made anew where the kernel does not know that it is (reap_arch_must_block): a signal that
 * waits now must still end it with EINTR, as if nothing had been.
 */
static void yield_to_signals(struct tracee *t)
{
	struct reap_status now;

	mask(t);
	if (!t->masked || reap_status_read(t->procfd, t->pid, t->thread->tid, &now) < 0 ||
	    !(now.pending & ~t->mask))
		return;
	t->original = t->stopped;
	t->interrupted = t->nr;
}

int tracee_go(struct tracee *t)
{
	if (!leave_call(t))
		return -ESRCH;
	if (t->enters && t->has_called)
		mask(t);
	if (t->is_changed && reap_arch_must_block)
		yield_to_signals(t);
	if ((t->has_called || t->is_changed) && reap_arch_set(t->thread->tid, &t->original) < 0)
		return -ESRCH;
	if (t->enters && t->has_called && !enter_call(t))
		return -ESRCH;
	unmask(t);
	return detach(t);
}
