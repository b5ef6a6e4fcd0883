/* SPDX-License-Identifier: MIT */
#ifndef CORONER_ENDING_H
#define CORONER_ENDING_H

#include "inspect/details.h"

/*
 * Whether all of a process is ending already, though it still shows as a living one: the kernel has set
 * SIGNAL_GROUP_EXIT and drops every signal (Linux v6.18 kernel/signal.c:prepare_signal()). A tracer can
 * hold it there (PTRACE_EVENT_EXIT, ptrace(2)), or a sleep that no signal ends. A core dump, which sets
 * the same mark, is told apart by d->status.core_dumping: NO then.
 *
 * BPF knows. From /proc it is concluded for a tracee that is held (state t), as far as its exit code
 * and its system calls tell, else UNKNOWN; for others it is NO.
 * d: with WANT_STATUS, WANT_THREADS, WANT_DOING and WANT_FRESH.
 */
enum tri ending_of(const struct census *c, const struct process *p, const struct details *d);

#endif
