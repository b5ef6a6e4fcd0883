/* SPDX-License-Identifier: MIT */
/*
 * The limits that stand between a process and its next fork: composes census, limits and judge for
 * headroom, check and metrics.
 */
#ifndef CORONER_LIMITS_H
#define CORONER_LIMITS_H

#include "case/sight.h"
#include "case/missing.h"
#include "judge/headroom.h"
#include "limits/cgroup.h"
#include "limits/cgroup_counts.h"
#include "limits/nproc.h"

enum limits_want {
	LIMITS_USERS = 1 << 0,	/* count the tasks of users: two files for each process */
	LIMITS_OF_ALL = 1 << 3, /* with LIMITS_USERS: and read the limit of each process */
	LIMITS_EXACT = 1 << 2,	/* look which low numbers of a PID namespace are taken */
};

/* What is known of the numbers of one PID namespace; parallel to the map's list. */
struct pidns_known {
	bool asked;
	bool has_max, has_used, has_low, full, dead;
	uint64_t max, used;
	struct pid_numbers numbers;
};

/* All that bears on limits, gathered once a run. */
struct limits_view {
	struct sight *sight;	     /* borrowed */
	const struct census *census; /* borrowed */
	unsigned want;
	bool has_tree;
	struct cgroup_tree tree;
	struct cgroup_counts held; /* owned; the zombies that are charged to each cgroup itself */
	bool held_inferred;	   /* zombies were laid to the cgroup of their parent */
	struct pidns_map pidns;
	struct pidns_known *known; /* owned */
	bool outer_hidden; /* PID namespaces around coroner's own are there, and not in sight */
	bool partial;	   /* tasks of the machine are out of sight: counts are least ones */
	size_t n_tasks;	   /* in sight */
	size_t n_zombies;  /* the same */
	struct nproc_users users;
	struct missing missing; /* of what the cases are about; for the caller to note, else owned */
};

struct limit_holders;

/* The limits of one subject. */
struct limit_case {
	const struct process *process; /* borrowed from the census; NULL: a cgroup */
	char *cgroup;		       /* owned; untrusted */
	struct limit *limits;	       /* owned */
	size_t n, cap;
	bool hidden; /* others above these cannot be seen: the answer is a bound */
	struct headroom answer;
	struct limit_holders *holders; /* owned: of the limit that binds; NULL: not asked for */
};

/*
 * Gather what all cases share; memory (NULL: none) as in pidns_map(). What cannot be seen becomes a
 * note of sight. Free with limits_view_done(); sight and the census must outlive it.
 */
void limits_view_open(struct sight *sight, const struct census *c, unsigned want,
		      const struct pidns_memory *memory, struct limits_view *ret);
void limits_view_done(struct limits_view *v);

/*
 * Every limit of a process's next fork, judged: each pids.max from its cgroup up, pid_max of each
 * PID namespace from its own outward, threads-max and, with LIMITS_USERS, RLIMIT_NPROC.
 * A process that is gone meanwhile lacks its cgroups. Free with limit_case_done().
 */
void limits_of_process(struct limits_view *v, const struct process *p, struct limit_case *ret);

/* Find who holds the limit that binds, if any is known: holders.h. */
void limits_find_holders(const struct limits_view *v, struct limit_case *c);

/* The limits of a cgroup: its own and those above. path is one below the top of the tree. */
void limits_of_cgroup(struct limits_view *v, const char *path, struct limit_case *ret);

/* pid_max of one PID namespace of the map and of those around it; the subject is its init or, where
 * that is not in sight, some member. */
void limits_of_pidns(struct limits_view *v, size_t at, struct limit_case *ret);

/* threads-max alone; the subject is the root cgroup. */
void limits_of_machine(struct limits_view *v, struct limit_case *ret);

/* RLIMIT_NPROC of one user of the view; the subject is the process with the least limit. */
void limits_of_user(struct limits_view *v, const struct nproc_user *user, struct limit_case *ret);

/* Whether some limits may be out of sight for everybody: how many tasks fit is a bound then. Pure. */
bool limits_hidden(const struct limits_view *v);

/* Free what limits_of_process() and its like have filled. */
void limit_case_done(struct limit_case *c);

/* Note in v which cgroup each zombie is charged to, and remark how many could not be told. */
void limits_hold_zombies(struct limits_view *v);

/* Zombies charged to a cgroup or to those below it; false where they could not be counted. */
bool limits_zombies_below(const struct limits_view *v, const char *path, uint64_t *ret);

/*
 * The cgroup of a process as a path in the tree, owned by the caller; NULL: none, or out of sight. Of one
 * whose first thread has ended it is that of a thread that lives; of one that ends, on v1, the root.
 */
char *limits_cgroup_of(const struct limits_view *v, const struct process *p);

/*
 * Ask the PID namespaces that these processes are in (none: all in sight) from inside, where the
 * census does not tell: act/enter/ask.h. Before anything is read of the limits, since the children sent in
 * count for a moment. What could not be asked becomes a note. force: ask also where it is refused
 * (case/acts/entering.h).
 * Returns 0, or -ETIMEDOUT or -ECONNRESET: one gave no answer, and what follows is a bound therefore.
 */
int limits_ask(struct limits_view *v, const pid_t *pids, size_t n, bool force);
/* Whether only those inside know this namespace's allocator. */
bool limits_must_ask(const struct limits_view *v, size_t at);
/* Note that the rights to ask are missing. */
void limits_note_denied(struct limits_view *v);

/* What is known of a namespace's numbers; looks once. */
const struct pidns_known *limits_pidns_known(struct limits_view *v, size_t at);

#endif
