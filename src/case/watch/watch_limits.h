/* SPDX-License-Identifier: MIT */
/* The limits that a watch meets, how fast they fill, and which is hit first. Pure. */
#ifndef CORONER_WATCH_LIMITS_H
#define CORONER_WATCH_LIMITS_H

#include "judge/headroom.h"

/* One limit over two looks. */
struct watch_limit {
	enum limit_kind kind;
	char *name; /* owned; untrusted: the two tell limits apart */
	uint64_t current, headroom;
	bool exact;    /* else headroom is a bound from above */
	double growth; /* tasks a second, smoothed */
};

struct watch_limits {
	struct watch_limit *list; /* owned */
	size_t n, cap;
	long tightest; /* index into list, -1: none is known */
	double eta_s; /* until it is hit at its present growth, 0: it is; negative: it does not grow */
};

/* A rate a second, smoothed over the looks; first: there was none before this one. */
double watch_rate(double before, double now, bool first);

/*
 * Add to next, zeroed at first, those of n limits that can refuse a fork and of which it is known how many
 * fit, each once. before: as they were at the look before, elapsed_s seconds ago; first: there was but one.
 */
void watch_limits_add(struct watch_limits *next, const struct watch_limits *before,
		      const struct limit *limits, size_t n, double elapsed_s, bool first);

/* Find the one that is hit, or will be first at its present growth; where none grows, with least left. */
void watch_limits_conclude(struct watch_limits *all);
void watch_limits_done(struct watch_limits *all);

#endif
