/* SPDX-License-Identifier: MIT */
/* Whether a cgroup is frozen, on v1 and v2. */
#ifndef CORONER_FREEZER_H
#define CORONER_FREEZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

/*
 * Whether the processes of the cgroup named in the text of a /proc/PID/cgroup are frozen, by its own
 * or an ancestor's doing: v1 freezer.state (FROZEN or FREEZING; Linux
 * kernel/cgroup/legacy_freezer.c), v2 cgroup.events "frozen 1" (cgroups(7)). cgroupfs is the
 * directory of --cgroupfs; v1 hierarchies lie below it by controller name, v2 at its root or, in the
 * hybrid layout, below "unified".
 * UNKNOWN where neither hierarchy can be read there.
 *
 * *ret_v1 (NULL: not wanted) tells, with YES, whether the v1 freezer holds them: not even SIGKILL gets
 * through that one before they are thawed, but through v2's (Linux
 * Documentation/admin-guide/cgroup-v2.rst, cgroup.freeze).
 */
enum tri cgroup_frozen(int cgroupfs, const char *cgroups, size_t len, bool *ret_v1);

/*
 * Who froze them: the file below cgroupfs, of their own cgroup or of one above, that thaws them when
 * *ret_off is written to it ("THAWED" to v1's freezer.state, "0" to v2's cgroup.freeze). Source: Linux
 * Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst, cgroup-v2.rst.
 * Returns the caller's text, foreign; NULL where no such file can be read.
 */
char *cgroup_freezer_switch(int cgroupfs, const char *cgroups, size_t len, const char **ret_off);

#endif
