/* SPDX-License-Identifier: MIT */
#ifndef CORONER_PID_MAX_H
#define CORONER_PID_MAX_H

/*
 * The pid_max of the PID namespace that this process's children are born in (setns(2)), asked without
 * anything of ours in it: clone3(2) with set_tid says EINVAL for a number from pid_max up, and a
 * number that is taken one level further out makes it fail in any case (Linux kernel/pid.c:
 * alloc_pid()). Needs CAP_SYS_ADMIN, or CAP_CHECKPOINT_RESTORE, in both, and Linux 5.5.
 * For a process without threads; never forks. Returns it, or 0: it cannot be known so.
 */
int pid_max_of_children(void);

#endif
