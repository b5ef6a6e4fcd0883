/* SPDX-License-Identifier: MIT */
/* Whether a cgroup is frozen, on v1 and v2. */
#ifndef CORONER_FREEZER_H
#define CORONER_FREEZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "inspect/details.h"
#include "limits/cgroup_mount.h"

/* Where the freezers are mounted: v1's, v2 at the top, v2 beside v1; opened once for many questions. */
struct freezer {
	int cgroupfs; /* borrowed: the directory of --cgroupfs, -1: there is none */
	struct cgroup_mount mounts[3];
};

/*
 * Find the mounts of the freezers below the directory of --cgroupfs, which must outlive them; one that is not
 * there, or not to be opened, is none. *ret is to be closed with freezer_close() in any case.
 */
void freezer_open(int cgroupfs, struct freezer *ret);
void freezer_close(struct freezer *f);

/*
 * Whether the processes of the cgroup named in the text of a /proc/PID/cgroup are frozen, by its own
 * or an ancestor's doing: v1 freezer.state (FROZEN or FREEZING; Linux
 * kernel/cgroup/legacy_freezer.c), v2 cgroup.events "frozen 1" (cgroups(7)). v1 hierarchies lie below
 * cgroupfs by controller name, v2 at its root or, in the hybrid layout, below "unified".
 * A mount that shows a part of the hierarchy alone, as a container's own does, is followed, and one that
 * shows more than this process's cgroup namespace.
 * UNKNOWN where neither hierarchy can be read there.
 *
 * *ret_v1 (NULL: not wanted) tells, with YES, whether the v1 freezer holds them: not even SIGKILL gets
 * through that one before they are thawed, but through v2's (Linux
 * Documentation/admin-guide/cgroup-v2.rst, cgroup.freeze).
 */
enum tri cgroup_frozen(const struct freezer *f, const char *cgroups, size_t len, bool *ret_v1);

/*
 * Of a process whose main thread is in a frozen cgroup: whether its other living threads are in frozen ones, too.
 * Both v1's freezer and v2's threaded cgroups are of single threads (cgroups(7), "Thread mode"). d needs WANT_CGROUP
 * and WANT_THREADS. Reads a file of each thread. UNKNOWN where one cannot be read and none was seen that is not frozen.
 */
enum tri freezer_holds_all(const struct freezer *f, const struct census *c,
			   const struct details *d);

/*
 * Who froze them: the file below cgroupfs, of their own cgroup or of one above, that thaws them when
 * *ret_off is written to it ("THAWED" to v1's freezer.state, "0" to v2's cgroup.freeze). Source: Linux
 * Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst, cgroup-v2.rst.
 * Returns the caller's text, foreign; NULL where no such file can be read.
 */
char *cgroup_freezer_switch(const struct freezer *f, const char *cgroups, size_t len,
			    const char **ret_off);

#endif
