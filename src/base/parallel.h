/* SPDX-License-Identifier: MIT */
#ifndef CORONER_PARALLEL_H
#define CORONER_PARALLEL_H

#include <stddef.h>

/*
 * Call work(arg) from as many threads as this process may use cores (sched_getaffinity(2)), but one
 * for each min_per_thread of n pieces of work at most; the calling thread is one of them. work takes
 * its pieces itself, and returns when there are none. Threads that cannot be had (EAGAIN at a pids
 * limit) only make it slower. Each of the others has a descriptor table of its own (unshare(2)): what
 * it opens is gone when it returns. Returns when all have returned.
 */
void parallel_run(size_t n, size_t min_per_thread, void (*work)(void *arg), void *arg);

/*
 * Call work(arg, i) once for each i below n, from as many threads as parallel_run() would use; in
 * chunks, in no certain order. work must write to places of its own i alone, and leave no descriptor
 * open. Returns when all is done.
 */
void parallel_for(size_t n, size_t min_per_thread, void (*work)(void *arg, size_t i), void *arg);

/*
 * Wait until the threads of all this are no more for the kernel either: when they have returned it still
 * counts them for a moment, in their cgroup and for their user (Linux kernel/exit.c:release_task()).
 */
void parallel_await_end(void);

#endif
