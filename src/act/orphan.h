/* SPDX-License-Identifier: MIT */
/*
 * The probe's own processes, from their own side. An orphan is made by a middle process that forks
 * it and exits 0; to make it in another PID namespace, a guide enters that and forks the middle.
 *
 * None of them runs a program, opens a file or keeps a capability; where they might be seen by
 * strangers they cannot be traced by them (PR_SET_DUMPABLE), and the orphan lives under strict
 * seccomp(2) once it has reported. Each ends when its socket's other end is closed, which the
 * kernel does for a coroner that was killed, or by its parent-death signal.
 */
#ifndef CORONER_ORPHAN_H
#define CORONER_ORPHAN_H

#include <sys/types.h>

/* What they tell, one message each on a SOCK_SEQPACKET socket. */
enum orphan_message_kind {
	ORPHAN_FAILED,	/* error: a positive errno of what could not be done */
	ORPHAN_MADE,	/* from the middle; a pidfd of the orphan comes with it (SCM_RIGHTS) */
	ORPHAN_ADOPTED, /* from the orphan; adopter, and a pidfd of it if there could be one */
};

enum orphan_step {
	ORPHAN_STEP_NONE,
	ORPHAN_STEP_ENTER, /* setns(2) */
	ORPHAN_STEP_FORK,
	ORPHAN_STEP_PIDFD,
};

struct orphan_message {
	enum orphan_message_kind kind;
	enum orphan_step step;
	int error;
	pid_t adopter; /* in the orphan's PID namespace; 0: outside it */
};

/*
 * The life of the middle or, where pidns is not -1, of the guide: to be called in a forked child of
 * a process without threads. creator is that process's PID. socket and pidns are the only
 * descriptors that it needs; all others are closed.
 */
_Noreturn void orphan_main(int socket, int pidns, pid_t creator);

#endif
