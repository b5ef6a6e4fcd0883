/* SPDX-License-Identifier: MIT */
#include "inspect/threads/waits.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>

#include "base/file.h"

static pid_t of_pidfd(const struct census *c, pid_t parent, int fd)
{
	auto_free char *text = NULL;
	const char *line;
	char path[64];
	size_t len;

	snprintf(path, sizeof(path), "%d/fdinfo/%d", parent, fd);
	if (file_slurp_at(c->procfd, path, &text, &len) < 0)
		return 0;
	line = strstr(text, "\nPid:");
	return line ? (pid_t)strtol(line + strlen("\nPid:"), NULL, 10) : 0;
}

static bool has_number(const struct census *c, const struct process *child, int depth, pid_t number)
{
	struct details d;
	bool hit;

	if (details_read(c, child, WANT_STATUS, &d) < 0)
		return false;
	hit = details_has(&d, WANT_STATUS) && d.status.n_ns_pids > depth &&
	      d.status.ns_pids[depth] == number;
	details_done(&d);
	return hit;
}

/* The one awaited is alive as a rule, so the living are asked first */
static pid_t of_number(const struct census *c, const struct details *parent, pid_t number)
{
	const struct process *p = census_find(c, parent->process.pid), *child;
	int depth = details_depth(parent);

	if (depth < 0 || !p)
		return 0;
	if (depth == 0)
		return number;
	for (int zombies = 0; zombies < 2; zombies++)
		for (child = census_first_child(c, p); child; child = census_next_child(c, child))
			if ((child->state == 'Z') == zombies && has_number(c, child, depth, number))
				return child->pid;
	return 0;
}

pid_t waits_target(const struct census *c, const struct details *parent,
		   const struct blocked_in *blocked_in)
{
	if (blocked_in->wait == WAIT_FOR_PIDFD)
		return of_pidfd(c, parent->process.pid, blocked_in->id);
	if (blocked_in->wait == WAIT_FOR_PID)
		return of_number(c, parent, blocked_in->id);
	return 0;
}

/* system calls that come back when somebody else has done something; poll and select of nothing do not */
static bool is_fed(const struct blocked_in *in)
{
	static const char *const calls[] = {
		"read",
		"readv",
		"pread64",
		"preadv",
		"preadv2",
		"recv",
		"recvfrom",
		"recvmsg",
		"recvmmsg",
		"recvmmsg_time64",
		"accept",
		"accept4",
		"splice",
		"tee",
		"sendfile",
		"epoll_wait",
		"epoll_pwait",
		"epoll_pwait2",
		"io_getevents",
		"io_pgetevents",
		"io_uring_enter",
		"mq_timedreceive",
		"msgrcv",
		"semop",
		"semtimedop",
		"flock",
		"fcntl",
		"openat",
		"open",
		"rt_sigtimedwait",
		"rt_sigtimedwait_time64",
	};
	static const char *const sets[] = { "poll", "ppoll", "ppoll_time64" };
	static const char *const counted[] = { "select", "_newselect", "pselect6",
					       "pselect6_time64" };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (streq(in->name, calls[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (streq(in->name, sets[i]))
			return in->args[1] > 0;
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		if (streq(in->name, counted[i]))
			return in->args[0] > 0;
	return false;
}

static uint64_t without(uint64_t mask, const int *signals, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mask &= ~(UINT64_C(1) << (signals[i] - 1));
	return mask;
}

uint64_t waits_called_by(uint64_t caught)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, 32, 33 };

	return without(caught, own, ARRAY_SIZE(own));
}

/*
 * A handler may do anything, and ends most sleeps besides: signal(7). Not, unless it waits for signals, by those that
 * tell it to end.
 */
static bool is_called(const struct details *d, const struct thread *t)
{
	const char *name = t->blocked_in.name;
	static const int last[] = { SIGINT, SIGTERM, SIGQUIT };
	uint64_t caught = waits_called_by(d->status.masks.caught);

	if (streq(name, "pause") || streq(name, "rt_sigsuspend") || streq(name, "sigsuspend"))
		return caught != 0;
	return without(caught & ~t->masks.blocked, last, ARRAY_SIZE(last)) != 0;
}

static bool is_thread(const struct details *d, uint32_t tid)
{
	for (size_t i = 0; i < d->n_threads; i++)
		if ((uint32_t)d->threads[i].tid == tid)
			return true;
	return false;
}

/*
 * A futex in memory that it may share with other processes: a semaphore, a lock. The one that pthread_join(3)
 * waits on holds the number of a thread, which the kernel clears: Linux kernel/fork.c:mm_release()
 */
static bool is_shared_futex(const struct details *d, const struct blocked_in *in)
{
	if (!has_prefix(in->name, "futex") || (in->args[1] & FUTEX_PRIVATE_FLAG))
		return false;
	return details_depth(d) != 0 || !is_thread(d, (uint32_t)in->args[2]);
}

bool waits_for_others(const struct details *d)
{
	for (size_t i = 0; i < d->n_threads; i++) {
		const struct thread *t = &d->threads[i];
		const struct blocked_in *in = &t->blocked_in;

		if (t->state == 'S' && in->known && !in->running && in->nr >= 0 && in->name &&
		    (is_fed(in) || is_called(d, t) || is_shared_futex(d, in)))
			return true;
	}
	return false;
}
