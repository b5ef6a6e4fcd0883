/* SPDX-License-Identifier: MIT */
#ifndef CORONER_SLEEPER_H
#define CORONER_SLEEPER_H

#include "inspect/details.h"

/* What one thread is called, and where in the kernel it sleeps. */
struct sleeper {
	char comm[TASK_COMM_LEN]; /* raw bytes, untrusted; "" where not known */
	char wchan[64];		  /* "" where it does not sleep, or that cannot be read */
};

/* Read it from /proc/PID/task/TID, comm and wchan; the latter takes ptrace access. */
void sleeper_read(const struct census *c, const struct process *p, pid_t tid, struct sleeper *ret);

#endif
