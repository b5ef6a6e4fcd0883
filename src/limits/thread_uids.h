/* SPDX-License-Identifier: MIT */
/* The users of the threads of one process. */
#ifndef CORONER_THREAD_UIDS_H
#define CORONER_THREAD_UIDS_H

#include <stddef.h>
#include <stdint.h>

#include "census/census.h"

/*
 * Read the real users of those threads of p that have another one than uid, its first thread's: to the
 * kernel setresuid(2) is a matter of one thread, and each is charged to its own user; the C library changes
 * all (nptl(7)). From /proc/TID/status. *ret, owned by the caller, grows by *ret_n. Returns 0, also of a
 * process that is gone; or an error of file_error(): its threads are hidden.
 */
int thread_uids_read(int procfd, const struct process *p, uint32_t uid, uint32_t **ret,
		     size_t *ret_n);

#endif
