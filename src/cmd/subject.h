/* SPDX-License-Identifier: MIT */
/* The process that a command was asked about: found by its PID, and named for people. */
#ifndef CORONER_SUBJECT_H
#define CORONER_SUBJECT_H

#include "cmd/cmd.h"
#include "inspect/details.h"

/*
 * The process of that PID in the census; complains and returns NULL where there is none, and says
 * so when the number is that of a thread.
 */
const struct process *subject_find(const struct census *c, pid_t pid);

/* "4711 (tini)", safe to print; owned by the caller. */
char *subject_name(const struct context *ctx, const struct process *p);

/*
 * Who it is, in one line: its number here and inside, what it is there, user, container, pod and
 * command line. d needs WANT_STATUS, WANT_PIDNS and WANT_CGROUP to be told all. Owned by the caller.
 */
char *subject_line(const struct context *ctx, const struct details *d);

#endif
