/* SPDX-License-Identifier: MIT */
#ifndef CORONER_PARALLEL_H
#define CORONER_PARALLEL_H

#include <stddef.h>

/*
 * Call work(arg, i) once for each i below n, from as many threads as this process may use cores
 * (sched_getaffinity(2)), but at least min_per_thread items each; in chunks, in no certain order.
 * Threads that cannot be had (EAGAIN at a pids limit) only make it slower. work must write to
 * places of its own i alone. Returns when all is done.
 */
void parallel_for(size_t n, size_t min_per_thread, void (*work)(void *arg, size_t i), void *arg);

#endif
