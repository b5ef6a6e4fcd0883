/* SPDX-License-Identifier: MIT */
/*
 * The pids controller: how many tasks each cgroup may hold and does, from a process's own cgroup up
 * to the root. Linux kernel/cgroup/pids.c: a fork is charged to every level, the first that would
 * exceed its pids.max refuses it.
 */
#ifndef CORONER_CGROUP_H
#define CORONER_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits/cgroup_mount.h"

#define CGROUP_UNLIMITED UINT64_MAX /* pids.max says "max" */

/* The hierarchy that has the pids controller. */
struct cgroup_tree {
	struct cgroup_mount mount;
	bool v2;    /* else v1 */
	bool whole; /* the top is the root of the hierarchy: no limit is hidden above it */
};

/* One cgroup. */
struct cgroup_level {
	char *path;	  /* owned: below the top of the tree, "/" for the top; untrusted */
	uint64_t id;	  /* inode number: the kernel's cgroup id on 64-bit machines */
	uint64_t current; /* pids.current: threads, zombies and forks under way */
	uint64_t max;	  /* CGROUP_UNLIMITED: none */
	bool counts_own;  /* refused is what this limit refused, not what its tasks were by any */
	bool has_refused;
	uint64_t refused; /* forks refused: pids.events.local where it exists, else pids.events */
};

struct cgroup_levels {
	struct cgroup_level *v; /* owned */
	size_t n;
	size_t cap;
	bool hidden; /* levels further up exist that are not to be seen here */
	bool missing; /* not below the top, or removed meanwhile: only the ancestors that exist were read */
	bool cut; /* more cgroups than a walk may visit */
	bool unread; /* by a walk: some are there that could not be read, and perhaps others below them */
};

/*
 * Find the hierarchy below the directory of --cgroupfs: v1 "pids", v2 at its root, or v2 at "unified"
 * in the hybrid layout (cgroups(7)).
 * Returns 0 and a tree to close with cgroup_tree_close(); -ENODATA where none has the controller; or
 * an error of file_error().
 */
int cgroup_tree_open(int cgroupfs, struct cgroup_tree *ret);
void cgroup_tree_close(struct cgroup_tree *t);

/*
 * The path in the tree of a process with that text of /proc/PID/cgroup; owned by the caller. NULL
 * where the hierarchy is not in it or the path lies outside of what is mounted.
 */
char *cgroup_tree_path(const struct cgroup_tree *t, const char *cgroups, size_t len);

/*
 * Read the levels from path (of cgroup_tree_path(); NULL: out of sight) up to the top, own one first.
 * Levels without the controller's files (the root; v2 ones where it is not enabled) are passed over.
 * Returns 0, *ret then to be freed with cgroup_levels_done(); or an error of file_error().
 */
int cgroup_levels_read(const struct cgroup_tree *t, const char *path, struct cgroup_levels *ret);

/*
 * Every cgroup of the tree that has the controller's files, each parent before its children; limited
 * ones only, if so. Follows no symbolic link and visits at most 65536 cgroups (then cut is set).
 * Returns as cgroup_levels_read().
 */
int cgroup_walk(const struct cgroup_tree *t, bool limited_only, struct cgroup_levels *ret);

/* Free the levels and their paths. */
void cgroup_levels_done(struct cgroup_levels *l);

#endif
