/* SPDX-License-Identifier: MIT */
/*
 * The limits that no cgroup sets: the numbers of each PID namespace (pid_max), the threads of the
 * machine (threads-max), the tasks of a user (RLIMIT_NPROC).
 */
#ifndef CORONER_KERNEL_H
#define CORONER_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "inspect/text/status.h"

/* Once the allocator has passed this it never gives out a lower number: Linux kernel/pid.c */
#define RESERVED_PIDS 300

#define USERNS_INIT_INODE 4026531837u /* PROC_USER_INIT_INO */

/* The allocator of one PID namespace; each fact may be missing. */
struct pidns_allocator {
	bool has_max;
	uint64_t max; /* pid_max: numbers run from 1 to max - 1 */
	bool has_cursor;
	uint64_t cursor; /* the first number that it tries next */
	bool full;	 /* a fork into the namespace was refused while others succeed */
};

/*
 * What this process's own PID namespace allows: kernel.pid_max and the last number given out, from
 * /proc/sys and /proc/loadavg, which speak of the reader's namespace whatever procfs they are read
 * through (Linux v6.18 kernel/pid.c, fs/proc/loadavg.c).
 * Returns 0, or an error of file_error() where pid_max cannot be read.
 */
int pidns_allocator_own(int procfd, struct pidns_allocator *ret);

/* Whether pid_max belongs to each PID namespace: Linux 6.14 and later. Else one holds for all. */
bool pid_max_is_per_namespace(void);

/*
 * A number in sys/kernel of a proc: "pid_max", "threads-max". Returns 0, -ENODATA where it is not the
 * kernel's own (lxcfs(1) and the like mount what they made up over files of proc: it lies on another
 * filesystem than that), or an error of file_error().
 */
int kernel_number(int procfd, const char *name, uint64_t *ret);

/* Whether that proc has such a number at all, readable or not: proc_sys_kernel(5). */
bool kernel_has_number(int procfd, const char *name);

/* What stands for every user that the reader's user namespace does not map: user_namespaces(7). */
uint32_t kernel_overflow_uid(int procfd);

/* The tasks of the machine and how many may be; each fact may be missing. */
struct threads_max {
	bool has_now, has_max;
	bool unread; /* now was to be had, and could not be read */
	uint64_t now, max;
};

/*
 * /proc/loadavg, field 4, and /proc/sys/kernel/threads-max (Linux kernel/fork.c: nr_threads, max_threads),
 * where they are the kernel's own.
 */
void threads_max_read(int procfd, struct threads_max *ret);

/* Parse /proc/loadavg: all tasks, and the number given out last. Returns 0 or -EBADMSG. Pure. */
int loadavg_parse(const char *text, uint64_t *ret_tasks, uint64_t *ret_last_pid);

/* The soft limit "Max processes" of a /proc/PID/limits, UINT64_MAX for none. 0 or -EBADMSG. Pure. */
int limits_parse_nproc(const char *text, size_t len, uint64_t *ret);

/*
 * Whether RLIMIT_NPROC does not bind a task (Linux kernel/fork.c:copy_process()): its real uid is the
 * machine's 0, in whatever user namespace (machines_root), or it holds CAP_SYS_RESOURCE or
 * CAP_SYS_ADMIN in the first one (in_init). Pure.
 */
enum tri nproc_exempt(const struct proc_status *s, enum tri machines_root, enum tri in_init);

#endif
