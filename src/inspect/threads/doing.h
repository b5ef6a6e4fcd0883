/* SPDX-License-Identifier: MIT */
/* The threads of a process, and what each is doing. */
#ifndef CORONER_THREADS_DOING_H
#define CORONER_THREADS_DOING_H

#include "inspect/place.h"

/*
 * Fill the threads of d, which has its status if that could be read, and with WANT_DOING their system calls
 * (proc_pid_task(5), proc_pid_syscall(5)). What was refused is in d->denied.
 */
void threads_read(const struct place *at, unsigned want, struct details *d);

/*
 * Whether a thread in that state and system call (NULL: not known) surely waits for its vfork child: the
 * kernel function that it sleeps in, which its file wchan names (proc_pid_wchan(5)), is the one that holds
 * this wait. false also where the name is not to be had.
 */
bool thread_waits_for_vfork(const struct place *at, const char *wchan, char state,
			    const char *call);

#endif
