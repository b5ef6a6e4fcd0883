/* SPDX-License-Identifier: MIT */
/* What a tracer keeps of a zombie. */
#ifndef CORONER_TRACING_H
#define CORONER_TRACING_H

#include "case/zombies/cases.h"

/* Whether that tracer of a zombie of p (0: none) is another than p, whose own tracing is no obstacle: ptrace(2). */
enum tri tracing_by_other(const struct census *c, const struct parent_case *p, pid_t tracer);

/*
 * Of a dead main thread: where its other threads are all dead as well, and a tracer keeps them, how many these are and
 * whose, into held_threads and tracer of e (Linux v6.18 kernel/exit.c:exit_notify()). d: with WANT_STATUS and WANT_THREADS.
 */
void tracing_find_threads(const struct census *c, const struct details *d,
			  struct zombie_evidence *e);

#endif
