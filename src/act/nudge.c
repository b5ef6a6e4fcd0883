/* SPDX-License-Identifier: MIT */
#include "act/nudge.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "act/pin.h"
#include "base/duration.h"
#include "base/file.h"

/* A parent that reaps in a loop does not pause this long between two zombies */
#define QUIET_MS 3
#define SPARE_FILES 4

static int read_masks(struct nudging *n)
{
	struct proc_status status;
	int r = proc_status_read_pid(n->procfd, n->pid, &status);

	/* reaped meanwhile: the file may have been another process's */
	if (pin_is_reaped(n->pidfd))
		return -ESRCH;
	/* it is there, and proc hides it */
	if (r == -ESRCH)
		return -EACCES;
	if (r < 0)
		return r;
	n->masks = status.masks;
	return 0;
}

/*
 * Beyond the number of descriptors zombies are asked for one by one, which takes two of them. The
 * lowest free one comes first (open(2)): this one says whether as many are left.
 */
static bool is_last_but_few(int fd)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)fd + SPARE_FILES >= limit.rlim_cur;
}

/* A zombie of that parent at this moment: its pidfd, -ESRCH it is none, or -EMFILE */
static int open_zombie(const struct nudging *n, const struct process *zombie)
{
	struct process now;
	int fd = pin_open(n->procfd, zombie, &now);

	if (fd >= 0 && (!process_is_zombie(&now) || now.ppid != n->pid)) {
		close(fd);
		return -ESRCH;
	}
	return fd;
}

int nudge_open(int procfd, int pidfd, const struct process *parent,
	       const struct process *const *zombies, size_t n, struct nudging *ret)
{
	struct nudging nudge = { .pid = parent->pid, .procfd = procfd, .pidfd = pidfd };
	int r = pin_check_procfs(procfd);

	if (r < 0)
		return r;
	nudge.zombies = xcalloc(n, sizeof(*nudge.zombies));
	nudge.unwatched = xcalloc(n, sizeof(const struct process *));
	for (size_t i = 0; i < n; i++) {
		int fd = open_zombie(&nudge, zombies[i]);

		if (fd >= 0 && is_last_but_few(fd)) {
			close(fd);
			fd = -EMFILE;
		}
		if (fd >= 0)
			nudge.zombies[nudge.n++] = fd;
		else if (fd != -ESRCH)
			nudge.unwatched[nudge.n_unwatched++] = zombies[i];
	}
	/* last: a parent that is not reaped yet has had its number, and these zombies, all the time */
	r = read_masks(&nudge);
	if (r < 0) {
		nudge_done(&nudge);
		return r;
	}
	*ret = nudge;
	return 0;
}

void nudge_done(struct nudging *n)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->zombies[i] >= 0)
			close(n->zombies[i]);
	free(n->zombies);
	free(n->unwatched);
	*n = (struct nudging){ .pidfd = -1 };
}

/* Zombies beyond the number of descriptors: as exact, but they must be asked for one by one */
static size_t count_unwatched(struct nudging *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n_unwatched; i++) {
		int fd = open_zombie(n, n->unwatched[i]);

		if (fd == -ESRCH)
			continue;
		if (fd >= 0)
			close(fd);
		n->unwatched[kept++] = n->unwatched[i];
	}
	n->n_unwatched = kept;
	return kept;
}

static size_t count(struct nudging *n)
{
	size_t left = count_unwatched(n);

	for (size_t i = 0; i < n->n; i++)
		left += n->zombies[i] >= 0 && !pin_is_reaped(n->zombies[i]);
	return left;
}

static unsigned left_ms(int64_t deadline)
{
	int64_t left = deadline - clock_ns(CLOCK_MONOTONIC);

	return left > 0 ? (unsigned)((left + 999999) / 1000000) : 0;
}

/* Wait for what one signal does. Returns how many were reaped, or -ESRCH: the parent has ended. */
static int await_reaping(struct nudging *n, int64_t deadline)
{
	unsigned ms = left_ms(deadline);
	int total = 0;

	for (;;) {
		int reaped = pin_await_reaped(n->zombies, n->n, n->pidfd, ms);

		if (reaped <= 0)
			return reaped < 0 && total == 0 ? reaped : total;
		total += reaped;
		ms = left_ms(deadline);
		if (ms > QUIET_MS)
			ms = QUIET_MS;
	}
}

static size_t count_watched(const struct nudging *n)
{
	size_t left = 0;

	for (size_t i = 0; i < n->n; i++)
		left += n->zombies[i] >= 0;
	return left;
}

void nudge_spare(struct nudging *n, struct nudge_result *ret)
{
	size_t left = count(n);

	*ret = (struct nudge_result){ .before = left, .after = left };
}

int nudge_may(const struct nudging *n)
{
	return pin_signal(n->pidfd, 0);
}

void nudge_send(struct nudging *n, unsigned timeout_ms, struct nudge_result *ret)
{
	int64_t start = clock_ns(CLOCK_MONOTONIC);
	int64_t deadline = start + (int64_t)timeout_ms * 1000000;
	int reaped = 0;

	nudge_spare(n, ret);
	if (ret->before == 0)
		return;
	do {
		ret->error = pin_signal(n->pidfd, SIGCHLD);
		if (ret->error < 0)
			break;
		ret->sent = true;
		ret->signals++;
		reaped = await_reaping(n, deadline);
	} while (reaped > 0 && count_watched(n) > 0 && left_ms(deadline) > 0);
	if (reaped < 0)
		ret->error = reaped;
	ret->waited_ms = (double)(clock_ns(CLOCK_MONOTONIC) - start) / 1e6;
	ret->after = count(n);
}
