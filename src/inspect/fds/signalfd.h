/* SPDX-License-Identifier: MIT */
#ifndef CORONER_SIGNALFD_H
#define CORONER_SIGNALFD_H

#include "census/census.h"

/* One signalfd that a process has open. */
struct signalfd {
	int fd;
	uint64_t mask; /* the signals it takes */
};

/* The set that a descriptor takes, by the text of its fdinfo (proc_pid_fdinfo(5)); false: it is no signalfd. Pure. */
bool signalfd_parse(const char *fdinfo, uint64_t *ret);

/*
 * The signalfds of a process, by fd: its files below /proc/PID/fdinfo that have a line "sigmask:"
 * (proc_pid_fdinfo(5)); ptrace read access is needed.
 * Returns their number and a list that the caller owns (NULL for none); -EACCES, or -ESRCH.
 */
int signalfd_list(const struct census *c, const struct process *p, struct signalfd **ret);

#endif
