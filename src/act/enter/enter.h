/* SPDX-License-Identifier: MIT */
/*
 * A child of coroner's goes into a foreign PID namespace: the one way in, for whoever asks and for
 * the probe. What goes in must be worth nothing to those who wait there with CAP_SYS_PTRACE.
 *
 * coroner forks a guide, which stays outside. It moves into the airlock's namespaces, points its next
 * fork at the foreign PID namespace (setns(2)), becomes a user that nobody else is, gives up every
 * capability and descriptor but one socket, and runs the program inside from a sealed memfd. That
 * installs its filter and forks; only then is there something that those inside can see.
 */
#ifndef CORONER_ENTER_H
#define CORONER_ENTER_H

#include <stdint.h>
#include <sys/types.h>

#include "act/enter/airlock.h"
#include "act/enter/inside.h"

enum enter_purpose {
	ENTER_ASK,    /* a child that ends at once */
	ENTER_ORPHAN, /* a middle process and an orphan */
};

/* One guide and whoever it sent in. Descriptors are owned; -1: none. */
struct entered {
	pid_t guide; /* a child of ours, not reaped; 0: none */
	int guide_fd;
	int socket;
};

struct entered_word {
	struct inside_message message;
	pid_t sender; /* in this PID namespace, attested by the kernel: unix(7) SCM_CREDENTIALS */
};

/*
 * Send a guide on its way. pidns: a descriptor of the foreign PID namespace, or -1: stay in one's own,
 * with one's own view of files. To be called while no other thread runs.
 *
 * Returns 0, *ret then to be ended with entered_end(); or a negative errno.
 */
int enter_start(const struct airlock *a, int pidns, enum enter_purpose purpose,
		struct entered *ret);

/*
 * The next word of the guide or of those it sent. Strangers inside may have stolen the socket: whose
 * word it is tells sender. deadline_ns is of CLOCK_MONOTONIC.
 * Returns 0; -ETIMEDOUT; -ECONNRESET: all who could have said something have ended.
 */
int entered_hear(const struct entered *e, int64_t deadline_ns, struct entered_word *ret);

/* Tell the middle that it may end. */
void entered_let_middle_end(const struct entered *e);

/* Tell the guide whom to wait for at the end: the orphan, numbered as here. */
void entered_tell_orphan(const struct entered *e, pid_t orphan);

/* Let all who are left end. Nothing can be heard any more. */
void entered_hang_up(struct entered *e);

/*
 * Hang up and wait for the guide to have ended what it sent in: by itself in about 2 s at most.
 * Returns 0, or -EBUSY: a child in there is left, frozen or held by a tracer, or deadline_ns is over.
 */
int entered_end(struct entered *e, int64_t deadline_ns);

#endif
