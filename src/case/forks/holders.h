/* SPDX-License-Identifier: MIT */
/* Who uses up a limit on tasks: the largest holders of what is charged to it. */
#ifndef CORONER_LIMIT_HOLDERS_H
#define CORONER_LIMIT_HOLDERS_H

#include "case/forks/limits.h"
#include "inspect/text/container.h"

#define MAX_HOLDERS 5

/*
 * The tasks of one program and one user in one container or cgroup. A zombie is laid to the program of its
 * parent, which has to take it.
 */
struct limit_holder {
	bool in_container;
	struct container container; /* without its cgroup */
	char *cgroup;		  /* owned, untrusted: below the top of the tree; NULL: not known */
	char comm[TASK_COMM_LEN]; /* raw bytes; untrusted */
	bool has_uid;
	uint32_t uid;
	pid_t pid;	  /* of one of its processes, or of the parent of its zombies */
	uint64_t threads; /* of living processes */
	uint64_t zombies;
};

struct limit_holders {
	struct limit_holder list[MAX_HOLDERS]; /* the largest first */
	size_t n;
	uint64_t rest; /* tasks of all others in sight */
};

/*
 * Find who holds the tasks that count against a limit of the view; *ret is freed with
 * limit_holders_done(). What is out of sight is not in it.
 */
void limit_holders_find(const struct limits_view *v, const struct limit *limit,
			struct limit_holders *ret);
void limit_holders_done(struct limit_holders *h);

#endif
