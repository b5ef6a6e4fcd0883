/* SPDX-License-Identifier: MIT */
#ifndef CORONER_MASTERS_H
#define CORONER_MASTERS_H

#include "census/census.h"

/*
 * The numbers N of the terminals /dev/pts/N whose other ends, the masters, p holds (pty(7); "tty-index" of
 * proc_pid_fdinfo(5)), each as often as it does. *ret_n_fds (NULL: not wanted) is increased by how many
 * descriptors it has. Returns how many, *ret then owned by the caller; -ESRCH or -EACCES.
 */
int masters_of(const struct census *c, const struct process *p, unsigned **ret, size_t *ret_n_fds);

#endif
