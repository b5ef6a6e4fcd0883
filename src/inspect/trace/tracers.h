/* SPDX-License-Identifier: MIT */
/* Who may trace what belongs to nobody else. */
#ifndef CORONER_TRACERS_H
#define CORONER_TRACERS_H

#include <stddef.h>

#include "base/base.h"
#include "census/census.h"

/*
 * Whether a task holds CAP_SYS_PTRACE, or can have it again by exec: text is its /proc/PID/status.
 * Permitted counts, and the bounding set for whoever runs as uid 0 (capabilities(7)). UNKNOWN where
 * the lines are missing. Pure.
 */
enum tri tracer_by_status(const char *text, size_t len);

/*
 * Whether a process may trace any process of this one's user namespace (Linux kernel/ptrace.c:
 * __ptrace_may_access()): a thread of it holds CAP_SYS_PTRACE, in this user namespace or one around it.
 * NO also where the process is gone; UNKNOWN where that could not be read.
 */
enum tri tracer_is(int procfd, const struct process *p);

#endif
