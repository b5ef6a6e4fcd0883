/* SPDX-License-Identifier: MIT */
#ifndef CORONER_READING_H
#define CORONER_READING_H

#include "inspect/details.h"

#define READING_MOST 16

/* What a thread waits to read from, asleep in a system call that waits for that. */
struct reading {
	pid_t tid;
	const char *syscall; /* static; "read", "poll", ... */
	int fds[READING_MOST];
	size_t n;
	bool more;  /* there are others: not all is known */
	bool timed; /* that call ends by itself after a time */
};

/*
 * The file descriptors that thread t of p sleeps on to read: the argument of read(2), recv(2), splice(2) and
 * their kin; the sets that poll(2) and select(2) were given, in its memory (/proc/PID/mem); what an epoll(7)
 * descriptor watches (its fdinfo). Ptrace access is needed.
 * Returns true, *ret then with at least one; false where it waits for nothing of that kind, or that cannot
 * be read.
 */
bool reading_of(const struct census *c, const struct process *p, const struct thread *t,
		struct reading *ret);

#endif
