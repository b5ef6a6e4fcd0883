/* SPDX-License-Identifier: MIT */
#ifndef CORONER_MASTERS_H
#define CORONER_MASTERS_H

#include <sys/stat.h>

#include "census/census.h"

/*
 * The numbers N of the terminals /dev/pts/N whose other ends, the masters, p holds (pty(7); "tty-index" of
 * proc_pid_fdinfo(5)), each as often as it does. *ret_n_fds (NULL: not wanted) is increased by how many
 * descriptors it has. Returns how many, *ret then owned by the caller; -ESRCH or -EACCES.
 */
int masters_of(const struct census *c, const struct process *p, unsigned **ret, size_t *ret_n_fds);

/*
 * Whether descriptor fd of p, which stat(2) tells st of, is a master, and of which terminal: its device number, and
 * that of the devpts which it is in. A /dev/ptmx that is a node beside its devpts (and no link into it) tells that of
 * coroner's own, if p sees the same mounts; else it is not known, and the answer false.
 * Source: Linux fs/devpts/inode.c:devpts_mntget(), drivers/tty/pty.c.
 */
bool master_of(const struct census *c, const struct process *p, int fd, const struct stat *st,
	       dev_t *ret_terminal, dev_t *ret_devpts);

#endif
