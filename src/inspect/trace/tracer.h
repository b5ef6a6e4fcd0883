/* SPDX-License-Identifier: MIT */
#ifndef CORONER_TRACER_H
#define CORONER_TRACER_H

#include "census/census.h"

/*
 * The process of a tracer: TracerPid in /proc/PID/status is the number of the thread that attached
 * (ptrace(2) is a matter of threads). Returns its PID, tid itself where that is not in sight, 0 for 0.
 */
pid_t tracer_process(const struct census *c, pid_t tid);

/* Who traces p, as a process: from BPF, else from its status. 0: nobody in sight; -1 (BPF): one out of sight. */
pid_t tracer_of(const struct census *c, const struct process *p);

#endif
