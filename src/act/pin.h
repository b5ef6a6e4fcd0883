/* SPDX-License-Identifier: MIT */
/*
 * A process pinned by a pidfd (pidfd_open(2)): whatever happens to its number, the descriptor means
 * this one process. The only way by which anything here signals or watches a process.
 */
#ifndef CORONER_PIN_H
#define CORONER_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "census/census.h"

/*
 * Whether procfd is a mount of proc that numbers processes as this process does. Only then does a
 * PID read there mean the same process to pidfd_open(2). presence_check_proc().
 * Returns 0, or -EOPNOTSUPP: another namespace's proc, a copied tree, or no proc at all; -EMFILE.
 */
int pin_check_procfs(int procfd);

/*
 * Whether processes can be pinned and signalled here at all: tried on this process itself, with
 * signal 0. Returns 0; -EOPNOTSUPP: the kernel has no pidfds (before Linux 5.3), or a seccomp(2)
 * filter refuses them; -EMFILE.
 */
int pin_check(void);

/*
 * Open a pidfd of whoever has this number now, zombies included; pins.h says what that proves.
 * Returns the descriptor, owned by the caller; -ESRCH nobody has it; -EINVAL it is that of a thread
 * other than the main one; -EOPNOTSUPP as pin_check(); -EMFILE.
 */
int pin_number(pid_t pid);

/* The same of a child that has not been waited for: its number is no other's. */
static inline int pin_open_child(pid_t child)
{
	return pin_number(child);
}

/*
 * Open a pidfd of the process that has the PID and the start time of p, zombies included. *ret_now
 * (NULL: not wanted) gets its stat of this moment. The stat is read while the pidfd is open and the
 * process is seen to be unreaped after that, so it belongs to the pinned process and no other; that
 * this one is p holds but for a number given anew within one clock tick: see pins.h.
 * Returns the descriptor, owned by the caller; -ESRCH gone, or another process has the number now;
 * -ENOENT it is there, but proc hides it; -EACCES its stat is hidden; -EOPNOTSUPP no pidfd_open (before
 * Linux 5.3); -EMFILE.
 */
int pin_open(int procfd, const struct process *p, struct process *ret_now);

/*
 * Send a signal through the pidfd, pidfd_send_signal(2). Returns 0; -ESRCH it has been reaped;
 * -EACCES it belongs to another user (CAP_KILL); -EOPNOTSUPP before Linux 5.1, or EINVAL.
 */
int pin_signal(int pidfd, int signal);

/* Whether the process has been reaped: signal 0 then fails with ESRCH, for a zombie it does not. */
bool pin_is_reaped(int pidfd);

/*
 * The PID of the process in this process's PID namespace; 0 where it has none there or has been
 * reaped. By PIDFD_GET_INFO (Linux 6.13), before that by /proc/self/fdinfo (pidfd_open(2)).
 */
pid_t pin_pid(int pidfd);

/*
 * Its parent, numbered as here; 0: one outside this PID namespace; -1: not known. By PIDFD_GET_INFO,
 * before that from procfd, which numbers processes as this process does, or is -1.
 */
pid_t pin_parent(int procfd, int pidfd);

/*
 * Wait until one of the n processes is reaped, or *watched ends (-1: none is watched), or ms are
 * over. Descriptors of -1 are passed over. A reaped one is closed and becomes -1.
 *
 * Linux 6.9 and later report POLLHUP when a pidfd's process is reaped (fs/pidfs.c:pidfd_poll());
 * before that only signal 0 tells, tried now and then.
 * Returns how many were reaped (0: time is over), or -ESRCH: none, and *watched has ended.
 */
int pin_await_reaped(int *pidfds, size_t n, int watched, unsigned ms);

/* Wait until the process has ended, zombie or reaped. Returns 0, or -ETIMEDOUT after ms. */
int pin_await_end(int pidfd, unsigned ms);

#endif
