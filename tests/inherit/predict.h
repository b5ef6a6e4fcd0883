/* SPDX-License-Identifier: MIT */
/* What coroner foretells, read back from its JSON. */
#ifndef INHERIT_PREDICT_H
#define INHERIT_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MAX_CHILDREN 64

struct foretold_child {
	pid_t pid;
	char fate[16];
};

struct prediction {
	pid_t victim;
	pid_t heir; /* 0: null */
	char rule[16];
	bool inferred;
	long killed; /* -1: null */
	struct foretold_child children[MAX_CHILDREN];
	size_t n_children;
};

struct foretold_orphan {
	pid_t pid, adopter;
	char evidence[32];
	bool proven;
};

/* coroner reaper PID...: one prediction for each of the n, in that order. Dies where it cannot. */
void predict_heirs(const char *coroner, const char *source, const pid_t *pids, size_t n,
		   struct prediction *ret);

/* coroner orphans: returns how many there are; at most max are written. */
size_t predict_orphans(const char *coroner, const char *source, struct foretold_orphan *ret,
		       size_t max);

#endif
