/* SPDX-License-Identifier: MIT */
/* How many more tasks fit: each limit's headroom, and which of them is hit first. */
#ifndef CORONER_HEADROOM_H
#define CORONER_HEADROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMIT_UNLIMITED UINT64_MAX

enum limit_kind {
	LIMIT_CGROUP,
	LIMIT_PID_MAX,
	LIMIT_THREADS_MAX,
	LIMIT_NPROC,
};

/* Which limit has refused the forks that are counted at a cgroup, as limits stand now. */
enum refused_by {
	REFUSED_BY_ANY, /* this one or one above it */
	REFUSED_BY_THIS,
	REFUSED_BY_ABOVE,
};

/* The allocator of a PID namespace, as far as it is known; see headroom_of_pids(). */
struct pid_numbers {
	bool has_low; /* cursor, used_low and low are known: the answer is exact */
	uint64_t cursor;
	uint64_t used_low;	 /* taken ones below RESERVED_PIDS */
	uint64_t used_high;	 /* taken ones from max up, where it was lowered below them */
	uint64_t free_low_ahead; /* free ones below RESERVED_PIDS, from the cursor up */
};

/* Who has set a limit, as far as that is known: words/forks/limit_words.c says it. */
enum limit_setter {
	SETTER_UNKNOWN,
	SETTER_OF_CGROUP,     /* the name of the cgroup tells */
	SETTER_OF_TASK,	      /* itself, but it does not bind it */
	SETTER_OF_TASK_MAYBE, /* the same, as far as is known */
	SETTER_MAKER,	      /* of the user namespace */
};

struct limit {
	enum limit_kind kind;
	char *name; /* owned; untrusted: a cgroup's path */
	long at;    /* of pid_max and nproc: index of what it limits; -1: none */
	enum limit_setter setter;
	uint64_t made_in; /* user namespace, with SETTER_MAKER */
	bool has_current;
	bool unread;	  /* current was to be had, and could not be read */
	uint64_t current; /* tasks that count, zombies included */
	bool partial;	  /* only those in sight; others may count too */
	bool has_max;	  /* false: not known */
	uint64_t max;	  /* LIMIT_UNLIMITED: none */
	bool has_zombies;
	uint64_t zombies;
	bool has_refused;
	uint64_t refused;
	enum refused_by refused_by;
	bool has_first_refusal;
	int64_t first_refusal_ns; /* CLOCK_BOOTTIME, by the kernel's log */
	bool applies;		  /* it can refuse a fork of the subject */
	bool uncertain;		  /* whether it does is not known: no headroom can be told */
	bool exhausted;		  /* a fork was refused there: no room is left, whatever max is */
	bool dead; /* of LIMIT_PID_MAX: its init is dying or gone, a fork gets ENOMEM */
	struct pid_numbers numbers; /* of LIMIT_PID_MAX */

	/* the answer */
	bool has_headroom;
	uint64_t headroom;
	bool exact; /* else a bound from above */
};

struct headroom {
	long binding; /* index of the tightest limit that applies, -1: none is known */
	bool has_total;
	uint64_t total; /* that many forks succeed */
	bool unknown;	/* a limit that applies could not be read: total is a bound from above */
};

/*
 * How many numbers a PID namespace can still give out. Numbers run from 1 to max - 1; the allocator
 * only goes up from its cursor and, once past RESERVED_PIDS, begins again there and not at 1, so
 * that free numbers below are lost (Linux kernel/pid.c:alloc_pid(), lib/idr.c:idr_alloc_cyclic()).
 * used is how many are taken in all; those from max up take nobody's place.
 * Without has_low: a bound from above, unless max was lowered below numbers in use. Pure.
 */
uint64_t headroom_of_pids(uint64_t max, uint64_t used, const struct pid_numbers *numbers);

/* Fill the answer of each limit, and find the one that binds; the first one on a tie. Pure. */
struct headroom headroom_judge(struct limit *limits, size_t n);

/* The share of a limit that is in use, in percent; negative where it is not known. Pure. */
double limit_usage(const struct limit *l);

/* As coroner-json(5) names it: "cgroup", "pid_max", "threads-max", "nproc"; static. */
const char *limit_kind_name(enum limit_kind kind);

#endif
