/* SPDX-License-Identifier: MIT */
/* Asking PID namespaces, from inside, for what their allocators know. */
#ifndef CORONER_ASK_H
#define CORONER_ASK_H

#include <stdint.h>
#include <sys/types.h>

#include "act/enter/airlock.h"
#include "limits/kernel.h"

/* One namespace to ask, and what came of it. */
struct pidns_question {
	int nsfd;  /* borrowed: its /proc/PID/ns/pid */
	int depth; /* how many namespaces are around it */
	/*
	 * 0; -EACCES it may not be entered; -ENOMEM its init is dead, by two forks; -ETIMEDOUT time was over;
	 * -ECONNRESET the guide was ended by somebody else; or another negative errno.
	 */
	int error;
	struct pidns_allocator answer; /* full: two forks into it were refused while others succeed */
	pid_t left; /* a child that does not end: frozen, traced, or kept from running; 0: none */
};

/* How many are asked at a time at most: each takes two descriptors, of which every guide gets a copy. */
#define PIDNS_ASKED_AT_ONCE 64

/*
 * When n namespaces are to have answered, all of them: 50 ms from now for each, and with patience 2 s more.
 * CLOCK_MONOTONIC, in ns.
 */
int64_t pidns_ask_deadline(size_t n, bool patience);

/*
 * Ask n namespaces, PIDNS_ASKED_AT_ONCE at most, until the deadline; what was sent has a second more to end.
 * A child is forked into each, a second one where that fails: this takes one number there and in each around it
 * for a moment, and the cursors move on by one. So the deepest are to come first, and are done with before those around them are asked. pid_max and that number are
 * the kernel's word; the child says nothing and nothing is awaited of it. Never called by `check`.
 * CAP_SYS_ADMIN is needed. procfd numbers processes as this process does, or is -1. To be called
 * while no other thread runs.
 */
void pidns_ask(const struct airlock *a, int procfd, struct pidns_question *questions, size_t n,
	       int64_t deadline);

#endif
