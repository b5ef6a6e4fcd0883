/* SPDX-License-Identifier: MIT */
/* Where the zombies that a parent adopted come from: what their sessions and births have in common. */
#ifndef CORONER_JUDGE_SOURCE_H
#define CORONER_JUDGE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A zombie that its parent adopted, of a session that is neither its own nor that one's. */
struct stray {
	pid_t sid;
	int64_t born_ms;
	bool leader_lives;
};

enum source_kind {
	SOURCE_UNKNOWN,	    /* too few, or they have nothing in common */
	SOURCE_ONE_SESSION, /* whose leader is gone */
	SOURCE_ONE_LEADER,  /* the same, and it lives */
	SOURCE_SESSIONS,    /* one of some each, whose leaders are gone */
	SOURCE_REGULAR,	    /* the same, and they come at regular intervals */
};

struct source {
	enum source_kind kind;
	pid_t sid;	 /* of one session */
	size_t n;	 /* of zombies that it is about */
	size_t sessions; /* of them */
	int64_t every_ms;
};

/*
 * Sorts the n strays. Three sessions at least make a pattern; regular are they where three of four intervals
 * between the first births of each, and three at least, are the median's but for a tenth. Pure.
 */
struct source source_judge(struct stray *strays, size_t n);

#endif
