/* SPDX-License-Identifier: MIT */
/* How many of something are in which cgroup, asked for whole subtrees. */
#ifndef CORONER_CGROUP_COUNTS_H
#define CORONER_CGROUP_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cgroup_count {
	char *path; /* owned */
	uint64_t n;
};

/* Zeroed, it is empty; free it with cgroup_counts_done(). */
struct cgroup_counts {
	struct cgroup_count
		*v; /* owned; after cgroup_counts_sort() by cgroup_path_compare(), each path once */
	size_t n, cap;
};

/* So many more in the cgroup at path, which is copied. O(1). */
void cgroup_counts_add(struct cgroup_counts *c, const char *path, uint64_t n);

/* All are in it; from here on it can be asked. */
void cgroup_counts_sort(struct cgroup_counts *c);

/* How many are in the cgroup at path and in those below it. O(log n), and one for each cgroup there. */
uint64_t cgroup_counts_below(const struct cgroup_counts *c, const char *path);

/* Whether there is a count of that cgroup itself, or of it or one below. O(log n). */
bool cgroup_counts_has(const struct cgroup_counts *c, const char *path);
bool cgroup_counts_has_below(const struct cgroup_counts *c, const char *path);

/* Free the counts. */
void cgroup_counts_done(struct cgroup_counts *c);

#endif
