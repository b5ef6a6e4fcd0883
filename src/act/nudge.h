/* SPDX-License-Identifier: MIT */
/*
 * The nudge: SIGCHLD, and nothing else, to a parent that holds zombies; then their own pidfds tell
 * what it reaped.
 */
#ifndef CORONER_NUDGE_H
#define CORONER_NUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "census/census.h"
#include "inspect/text/status.h"

/* One parent, pinned, with those of its zombies that are still there. */
struct nudging {
	pid_t pid;
	int procfd;		   /* borrowed */
	int pidfd;		   /* borrowed */
	struct signal_masks masks; /* of its main thread, at the moment it was pinned */
	int *zombies;		   /* owned: pidfds, -1 once reaped */
	size_t n;
	const struct process **unwatched; /* owned; zombies beyond the number of descriptors */
	size_t n_unwatched;
};

struct nudge_result {
	bool sent;
	unsigned signals; /* how many SIGCHLD went out */
	size_t before;	  /* zombies when it was pinned */
	size_t after;
	double waited_ms;
	int error; /* 0; -ESRCH the parent ended; -EACCES its user is another (CAP_KILL) */
};

/*
 * Take a parent that was pinned before the census (pins.h), by its pidfd, and pin its zombies. A zombie
 * counts only while it is one, has the same start time and this same parent; where every zombie is gone
 * that is no error, n is 0 then. Both descriptors must outlive it.
 *
 * Returns 0, *ret then to be freed with nudge_done(); -ESRCH: the parent is gone; -EOPNOTSUPP: procfd
 * numbers processes otherwise than this process does; or another error of pin_open().
 */
int nudge_open(int procfd, int pidfd, const struct process *parent,
	       const struct process *const *zombies, size_t n, struct nudging *ret);
void nudge_done(struct nudging *n);

/*
 * Send SIGCHLD and wait until all zombies are reaped; send again while each signal still gets some
 * reaped (a handler that takes one child a signal); all within timeout_ms. Without a zombie nothing
 * is sent. Always fills *ret.
 */
void nudge_send(struct nudging *n, unsigned timeout_ms, struct nudge_result *ret);

/*
 * Whether the parent may be sent a signal: 0, or the negative errno that nudge_send() would meet. Sends
 * none: kill(2), signal 0.
 */
int nudge_may(const struct nudging *n);

/* Fill *ret for a parent that is left alone: before and after, nothing sent. */
void nudge_spare(struct nudging *n, struct nudge_result *ret);

#endif
