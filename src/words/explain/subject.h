/* SPDX-License-Identifier: MIT */
/* How a process is named for people: its number, its command, and where it belongs. */
#ifndef CORONER_SUBJECT_H
#define CORONER_SUBJECT_H

#include "inspect/details.h"
#include "inspect/owner.h"
#include "render/terminal.h"

/* "4711 (tini)", safe to print; owned by the caller. */
char *subject_name(const struct terminal *t, const struct process *p);

/*
 * Who it is, in one line: its number here and inside, what it is there, user, container, pod and
 * command line. owner NULL: not known. d needs WANT_STATUS, WANT_PIDNS and WANT_CGROUP to be told all. Safe to
 * print; owned by the caller.
 */
char *subject_line(const struct terminal *t, const struct details *d, const struct owner *owner);

#endif
