/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NPROC: how many tasks each user has, the way the kernel counts them. Since Linux 5.14 the
 * count is that of a uid in a user namespace, and each task counts too for whoever created that
 * namespace, and so on outward (kernel/ucount.c:inc_rlimit_ucounts()).
 */
#ifndef CORONER_NPROC_H
#define CORONER_NPROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "census/census.h"

/* What concerns one process; parallel to the census. */
struct nproc_task {
	uint64_t userns; /* inode of its user namespace */
	uint64_t limit;	 /* its soft limit, UINT64_MAX: none */
	uint32_t uid;	 /* real, in the reader's user namespace */
	bool has_uid;
	bool has_limit;
	bool unseen; /* its user namespace could not be read: userns is the reader's own */
	bool exempt; /* the limit does not bind it */
};

struct nproc_user {
	uint64_t userns;
	uint32_t uid;
	uint64_t tasks; /* threads and zombies */
	uint64_t zombies;
	bool has_limit;
	uint64_t limit; /* the least one of its living processes that are bound by one */
	pid_t pid;	/* whose that is */
};

struct nproc_users {
	struct nproc_task *tasks; /* owned; one for each process of the census */
	struct nproc_user *v;	  /* owned */
	size_t n;
	size_t cap;
	size_t n_unseen; /* whose user namespace could not be read: taken for the reader's own */
};

/*
 * Count the tasks of every user in sight, from as many threads as there are cores; with limits, read
 * the limit of each process, too. Free with nproc_users_done().
 */
void nproc_users_read(const struct census *c, bool limits, struct nproc_users *ret);
void nproc_users_done(struct nproc_users *u);

/* Read the limit of one process into its task: limit, exempt. */
void nproc_limit_read(const struct census *c, const struct process *p, struct nproc_task *task);

/* The user that a process's fork is charged to, or NULL where its uid could not be read. */
const struct nproc_user *nproc_user_of(const struct nproc_users *u, const struct nproc_task *task);

#endif
