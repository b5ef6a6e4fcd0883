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

/*
 * The same of the namespace behind nsfd (a /proc/PID/ns/pid), read by a child that is forked into
 * it (setns(2); CAP_SYS_ADMIN is needed): this takes one number there for a moment, and the cursor
 * moves on by one. Never called by `check`.
 * Returns 0; -EACCES; -ENOMEM where the namespace's init is dead; or another negative errno. Where
 * the fork into it fails for want of a number, ret->full is set and 0 returned.
 */
int pidns_allocator_enter(int procfd, int nsfd, struct pidns_allocator *ret);

/* Whether pid_max belongs to each PID namespace: Linux 6.14 and later. Else one holds for all. */
bool pid_max_is_per_namespace(void);

/*
 * The tasks of the machine and how many may be: /proc/loadavg, field 4, and /proc/sys/kernel/
 * threads-max (Linux kernel/fork.c: nr_threads, max_threads).
 * Returns 0, -EBADMSG, or an error of file_error().
 */
int threads_max_read(int procfd, uint64_t *ret_now, uint64_t *ret_max);

/* Parse /proc/loadavg: all tasks, and the number given out last. Returns 0 or -EBADMSG. Pure. */
int loadavg_parse(const char *text, uint64_t *ret_tasks, uint64_t *ret_last_pid);

/* The soft limit "Max processes" of a /proc/PID/limits, UINT64_MAX for none. 0 or -EBADMSG. Pure. */
int limits_parse_nproc(const char *text, size_t len, uint64_t *ret);

/*
 * Whether RLIMIT_NPROC does not bind a task (Linux kernel/fork.c:copy_process()): it runs as the
 * machine's uid 0, or holds CAP_SYS_RESOURCE or CAP_SYS_ADMIN, both of the first user namespace.
 * status is the text of its /proc/PID/status; in_init_userns says that it is in that namespace.
 * Returns 1, 0, or -EBADMSG. Pure.
 */
int nproc_exempt(const char *status, size_t len, bool in_init_userns);

#endif
