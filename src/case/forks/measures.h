/* SPDX-License-Identifier: MIT */
/* What metrics writes out: a checkup, the PID namespaces it names, and what the look itself took. */
#ifndef CORONER_MEASURES_H
#define CORONER_MEASURES_H

#include "case/forks/checkup.h"

/*
 * PID namespaces that are named alike: by the container that their init is in and by its program. Their
 * inode numbers change at each restart, so that there would be ever more series.
 */
struct measured_pidns {
	const struct pidns *ns; /* borrowed from the checkup's view: one of them */
	struct details details; /* of its init, or of a member: the container */
	size_t processes, zombies;
};

struct measured_limit {
	const struct limit *limit;     /* borrowed */
	const struct pidns *ns;	       /* borrowed: of LIMIT_PID_MAX; else NULL */
	struct details details;	       /* of its init, or of a member: the container */
	const struct nproc_user *user; /* borrowed: of LIMIT_NPROC; else NULL */
	bool own_userns;	       /* that user's is the reader's own user namespace */
};

struct measures {
	struct checkup checkup;	      /* owned, as the next */
	struct measured_pidns *pidns; /* those with most zombies first */
	size_t n_pidns;
	size_t all_pidns;	       /* in scope, each one */
	struct measured_limit *limits; /* those that bind by themselves, the fullest first */
	size_t n_limits;
	size_t top;    /* of a kind, so many are to be named */
	char *failure; /* owned; why nothing was measured; NULL: all this was */
	double took_s;
	double done_s; /* CLOCK_REALTIME */
};

/*
 * Look, as checkup_take() with exact. ret must be zeroed; free it with measures_done() where it returned 0.
 * Otherwise it returns a negative errno, and why is among the problems.
 */
int measures_take(struct sight *sight, size_t top, struct measures *ret);
void measures_done(struct measures *m);

#endif
