/* SPDX-License-Identifier: MIT */
/* Which directory of its file system a mount shows at its top: /proc/PID/mountinfo. */
#ifndef CORONER_MOUNTINFO_H
#define CORONER_MOUNTINFO_H

#include <stddef.h>

/*
 * The root (fourth field) of the mount with that id in the text of /proc/PID/mountinfo
 * (proc_pid_mountinfo(5)), with the kernel's \040 for a blank and the like undone (Linux
 * kernel/cgroup/cgroup.c:cgroup_show_path(), fs/seq_file.c), so that it compares with
 * /proc/PID/cgroup, where nothing is escaped. Returns a string that the caller owns, or NULL where no
 * such mount is in the text. Pure.
 */
char *mountinfo_root(const char *text, size_t len, int mount_id);

/* The same of the mount that the open file fd lies on; NULL also where /proc cannot tell. */
char *mount_root_of(int fd);

#endif
