/* SPDX-License-Identifier: MIT */
/* For children that live in another PID namespace, where strangers can see and signal them. */
#ifndef CORONER_HARDEN_H
#define CORONER_HARDEN_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Whether this process, and the children that it forks from now on, may be traced by others of its
 * user (PR_SET_DUMPABLE, ptrace(2)). One that may not be cannot be made to act for them, nor its
 * /proc/PID/exe, root and fd be opened by them; CAP_SYS_PTRACE alone overrides it.
 */
void harden_against_tracing(bool on);

/* Give up every capability and set no_new_privs. Takes no lock and no memory: safe after a fork. */
void harden_drop_capabilities(void);

/*
 * Wait for a child that was told to end; after ms, when somebody has stopped it, kill it first.
 * Before Linux 5.3 there is no pidfd: it then waits as long as it takes.
 */
void harden_reap(pid_t child, int ms);

#endif
