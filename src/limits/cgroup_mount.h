/* SPDX-License-Identifier: MIT */
/*
 * Where a cgroup hierarchy is mounted and what of it the mount shows: all of it, a container's own part,
 * or more than this process's cgroup namespace (cgroup_namespaces(7)).
 */
#ifndef CORONER_CGROUP_MOUNT_H
#define CORONER_CGROUP_MOUNT_H

#include <stdbool.h>

#include "inspect/text/container.h"

struct cgroup_mount {
	int fd;	    /* owned: its top directory, -1 when closed */
	char *root; /* owned: what /proc/PID/cgroup calls the top, "/" as a rule */
	char *top;  /* owned: cgroup_path_below(); NULL: not needed, or not to be found out */
};

/*
 * Open the directory dir of cgroupfs, the top of a mount of that hierarchy, and find out what it shows: by
 * mountinfo, and by where in it this process is. Returns 0 and what is to be closed, or an error of
 * file_error().
 */
int cgroup_mount_open(int cgroupfs, const char *dir, enum cgroup_hierarchy hierarchy,
		      struct cgroup_mount *ret);
void cgroup_mount_close(struct cgroup_mount *m);

/*
 * The path below the top of a tree mounted from root, of a path that /proc/PID/cgroup shows; both as
 * this process's cgroup namespace sees them: from the namespace's own top, and with a "/.." for each step
 * further up (Linux fs/kernfs/dir.c:kernfs_path_from_node()). top is where the namespace begins below a root
 * that lies so many steps above it, as many names; NULL: not known. Returns a string that the caller owns,
 * or NULL where it lies outside of what is mounted, or that cannot be told. Pure.
 */
char *cgroup_path_below(const char *root, const char *top, const char *path);

/* Whether the cgroup at path is ancestor or lies below it. Pure. */
bool cgroup_path_covers(const char *ancestor, const char *path);

/* An order, as of strcmp(3), in which what lies below a cgroup follows it before all else does. Pure. */
int cgroup_path_compare(const char *a, const char *b);

#endif
