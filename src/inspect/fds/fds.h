/* SPDX-License-Identifier: MIT */
#ifndef CORONER_FDS_H
#define CORONER_FDS_H

#include "census/census.h"

#define FDS_LINK_SIZE 64

/* What a file descriptor is, as its link in /proc/PID/fd says (proc_pid_fd(5)). */
enum fd_kind { FD_OTHER, FD_PIPE, FD_SOCKET, FD_MASTER, FD_KINDS };

struct fd_link {
	enum fd_kind kind;
	char text[FDS_LINK_SIZE]; /* "pipe:[4711]" or a named pipe's path, cut */
	uint64_t inode;
	/* of the master of a terminal (pty(7)): which /dev/pts/N, and the devpts that this is in, as stat(2) has them */
	dev_t terminal, devpts;
};

/* What fd of p leads to. Returns 0, -ESRCH, -EACCES or another negative errno. */
int fd_link_read(const struct census *c, const struct process *p, int fd, struct fd_link *ret);

/* A descriptor of a process that leads to one of the wanted links. */
struct fd_match {
	int fd;
	size_t which;
	bool writes; /* it is open for writing */
};

/*
 * The descriptors of p that lead to one of those links, or to the terminal of which one is the master; ptrace
 * access is needed. *ret_n_fds (NULL: not wanted) is increased by how many it has.
 * Returns their number, of which at most size are stored in ret; -ESRCH or -EACCES.
 */
int fds_match(const struct census *c, const struct process *p, const struct fd_link *links,
	      size_t n_links, struct fd_match *ret, size_t size, size_t *ret_n_fds);

/*
 * The inode of the unix socket at the other end of one, asked of the kernel (sock_diag(7),
 * UDIAG_SHOW_PEER), which knows those of coroner's own network namespace alone.
 * Returns 0, -ENOENT: there is none there, or it is not connected; or another negative errno.
 */
int unix_peer(uint64_t inode, uint64_t *ret_peer);

#endif
