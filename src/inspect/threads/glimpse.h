/* SPDX-License-Identifier: MIT */
/* What a first look must keep of parents, for a second one to tell whether they ran in between. */
#ifndef CORONER_GLIMPSE_H
#define CORONER_GLIMPSE_H

#include "census/census.h"

/*
 * Keep in c->glimpses how often each parent of zombies had run, and in c->held which of its threads are
 * stopped or in uninterruptible sleep. Of a census through BPF, which has both already, nothing is read;
 * of more parents than a second look would judge one by one neither. Source: proc_pid_task(5),
 * Linux fs/proc/base.c:proc_pid_schedstat(), kernel/sched/stats.h:sched_info_arrive().
 */
void glimpse_take(struct census *c);

/*
 * Whether a thread of p ran between the earlier census and now: its threads have come to a CPU more often
 * or are others. UNKNOWN where no glimpse was kept, or the kernel does not count.
 */
enum tri glimpse_ran_since(const struct census *earlier, const struct process *p);

/*
 * The same of the two looks of c, by what its source counts: BPF the moments when each thread came to a CPU. NO: all
 * that its threads slept in at the first look they were still in at the second. UNKNOWN without a settle time, and as
 * above.
 */
enum tri glimpse_ran_between(const struct census *c, const struct process *p);

#endif
