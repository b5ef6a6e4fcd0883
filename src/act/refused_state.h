/* SPDX-License-Identifier: MIT */
/* The refused forks of the last look, remembered in a file from one run of check to the next. */
#ifndef CORONER_REFUSED_STATE_H
#define CORONER_REFUSED_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What has become of the counts since the file was written. */
struct refused_since {
	bool known;	/* false: there was no such file yet, or it is of another boot */
	uint64_t n;	/* forks refused since, in cgroups that still exist */
	double seconds; /* since then */
};

/* One cgroup, by its id, and the forks that it has refused since it was made. */
struct refused_now {
	uint64_t id;
	uint64_t n;
};

/*
 * Compare with what path remembers, and have it remember the counts of now: written aside, then renamed,
 * readable for its owner alone; never through a symbolic link. now_ns is CLOCK_BOOTTIME.
 * Returns 0; -EBADMSG where path holds something else, which is left alone; or another negative errno.
 */
int refused_state_turn(const char *path, const struct refused_now *counts, size_t n, int64_t now_ns,
		       struct refused_since *ret);

#endif
