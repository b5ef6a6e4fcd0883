/* SPDX-License-Identifier: MIT */
/* Who is likely to have set the limit of a cgroup. */
#ifndef CORONER_CGROUP_OWNER_H
#define CORONER_CGROUP_OWNER_H

/*
 * Who is likely to have set the limit of the cgroup at path, by its name: systemd's TasksMax, the
 * kubelet's pod limit, an engine's --pids-limit. Returns a string that the caller owns, holding raw
 * parts of path; or NULL where the name says nothing. Pure.
 */
char *cgroup_owner(const char *path);

#endif
