/* SPDX-License-Identifier: MIT */
#ifndef CORONER_SLEPT_H
#define CORONER_SLEPT_H

#include "inspect/details.h"

/*
 * Since when no thread of p, seen to sleep, has been on a CPU, CLOCK_BOOTTIME at the latest; INT64_MAX: not known.
 * What /proc/PID/sched calls se.exec_start is the moment when a sleeping task left its CPU, on that CPU's clock.
 * What that clock says now, the calling thread learns by running there for a moment (its affinity is put back);
 * as much real time has gone by at least, for it leaves out time stolen, and stands still in suspend. A thread that
 * p has lost is not seen. Source: Linux v6.18 kernel/sched/debug.c:proc_sched_show_task(), fair.c:update_curr().
 */
int64_t slept_since(const struct census *c, const struct process *p);

#endif
