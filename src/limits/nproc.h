/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NPROC: how many tasks each user has, the way the kernel counts them. Since Linux 5.14 the
 * count is that of a uid in a user namespace, and each task counts too for whoever created that
 * namespace, and so on outward. A fork is compared at every level: at the innermost with the task's own
 * soft limit, further out with the one that the creator had when he made the namespace
 * (kernel/ucount.c:is_rlimit_overlimit(), kernel/user_namespace.c:create_user_ns()).
 */
#ifndef CORONER_NPROC_H
#define CORONER_NPROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "census/census.h"

#define NPROC_MAX_LEVELS 33	/* Linux kernel/user_namespace.c:create_user_ns() */
#define NPROC_OUTERMOST (-1)	/* nproc_user.outer: it is in the initial user namespace */
#define NPROC_OUT_OF_SIGHT (-2) /* the namespace around, or who made this one, cannot be seen */

/* What concerns one process; parallel to the census. */
struct nproc_task {
	long user;	/* index of whom its forks are charged to; -1: not known */
	uint64_t limit; /* its soft limit, UINT64_MAX: none */
	bool has_limit;
	enum tri exempt; /* the limit does not bind it, at any level */
};

/* A user in one user namespace. */
struct nproc_user {
	uint64_t userns;  /* inode */
	uint32_t uid;	  /* as the reader's user namespace numbers it */
	bool told;	  /* tasks is the kernel's own count, else that of the tasks in sight */
	uint64_t tasks;	  /* threads and zombies, those in namespaces that it made included */
	uint64_t zombies; /* of them, in sight */
	long outer;	  /* index of who made its namespace; or one of the two above */
	bool has_max;	  /* of that one, when he did: what his tasks are compared with */
	uint64_t max;
	pid_t pid; /* of its living processes that are bound, one with the least limit; 0: none */
	uint64_t limit; /* of that one, UINT64_MAX: none */
};

struct nproc_users {
	struct nproc_task *tasks; /* owned; one for each process of the census */
	struct nproc_user *v;	  /* owned */
	size_t n, cap;
	uint32_t *index; /* owned; hash of users */
	size_t index_mask;
	size_t n_unseen;     /* processes whose user is not known, and not counted anywhere */
	uint64_t own_userns; /* of the reader */
};

/* One comparison that a fork stands before. */
struct nproc_level {
	const struct nproc_user *user;
	bool has_max;
	uint64_t max; /* UINT64_MAX: none */
};

/*
 * Count the tasks of every user in sight: from what BPF has told, else from two files a process and one more of
 * each further thread, read by as many threads as there are cores; with limits, read the limit of each process,
 * too. Free with nproc_users_done().
 */
void nproc_users_read(const struct census *c, bool limits, struct nproc_users *ret);
void nproc_users_done(struct nproc_users *u);

/* Read the limit of one process into its task: limit, exempt. */
void nproc_limit_read(const struct nproc_users *u, const struct census *c, const struct process *p,
		      struct nproc_task *task);

/*
 * The levels at which a fork of that task is compared, its own first. *ret_hidden: there are more, out
 * of sight. Returns how many; 0: its user is not known.
 */
size_t nproc_levels(const struct nproc_users *u, const struct nproc_task *task,
		    struct nproc_level ret[static NPROC_MAX_LEVELS], bool *ret_hidden);

#endif
