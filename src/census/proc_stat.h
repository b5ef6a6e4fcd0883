/* SPDX-License-Identifier: MIT */
/* /proc/PID/stat, read and parsed. */
#ifndef CORONER_PROC_STAT_H
#define CORONER_PROC_STAT_H

#include <stddef.h>

#include "census/census.h"

/*
 * Parse the text of /proc/PID/stat (proc_pid_stat(5); Linux v6.18 fs/proc/array.c:do_task_stat())
 * into the fields of *ret that come from there; the links between processes stay untouched.
 *
 * The comm may hold any byte but NUL, so it ends at the last ')' of the text. A comm longer than
 * the kernel keeps for a task (names of kernel workers) is cut to TASK_COMM_LEN - 1 bytes.
 * len 0 is legal and malformed, and so is a text without its newline, which was cut.
 * Returns 0, or -EBADMSG and *ret as it was.
 */
int proc_stat_parse(const char *text, size_t len, struct process *ret);

/*
 * Read and parse such a file, dirfd/path. Returns 0; -EBADMSG; or an error of file_error(), errno then as it was
 * met. *ret as it was unless 0 is returned.
 */
int proc_stat_read(int dirfd, const char *path, struct process *ret);

/* The same of /proc/PID/stat below procfd, and of /proc/PID/task/TID/stat. */
int proc_stat_read_pid(int procfd, pid_t pid, struct process *ret);
int proc_stat_read_thread(int procfd, pid_t pid, pid_t tid, struct process *ret);

/*
 * Field 22 as a signed number of clock ticks since the zero of the reader's CLOCK_BOOTTIME. In a time
 * namespace whose offset is negative that zero may lie after the start of a process; the kernel then
 * divides an unsigned number of nanoseconds that has wrapped (timens_add_boottime_ns(), nsec_to_clock_t()).
 * Rounded down, one tick more at most. Pure.
 */
int64_t proc_stat_ticks(uint64_t field);

#endif
