/* SPDX-License-Identifier: MIT */
/* What the kernel's log says of forks that the pids controller has refused. */
#ifndef CORONER_KMSG_H
#define CORONER_KMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * When a fork of a task in the cgroup at path (from the root of its hierarchy) was refused first: the
 * kernel logs the first one of each cgroup (Linux kernel/cgroup/pids.c:pids_event()); what one of the same
 * name before it has left there does not count, if this one was refused any. Reads /dev/kmsg,
 * which takes CAP_SYSLOG where kernel.dmesg_restrict is set. *ret_ns: nanoseconds of CLOCK_MONOTONIC, as
 * near as the log's clock is to that. Returns 0, -ENODATA where no such line is left in it, or a negative errno.
 */
int kmsg_first_refusal(const char *path, int64_t *ret_ns);

/* The same of one record of it that the kernel wrote, "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,...];TEXT". Pure. */
bool kmsg_is_refusal(const char *record, const char *path, int64_t *ret_ns);

#endif
