/* SPDX-License-Identifier: MIT */
/* What a system call does when its thread is stopped and let go again: a table, and its one rule. */
#ifndef CORONER_RESUME_H
#define CORONER_RESUME_H

#include <stdbool.h>
#include <stdint.h>

/* The earlier, the less a program notices. */
enum resume {
	RESUME_ITSELF, /* the kernel makes it again, with what is left of its time limit */
	RESUME_ANEW, /* it comes back with EINTR, but waits without a limit: it can be made again */
	RESUME_RUNNING, /* in no system call: there is nothing to interrupt */
	RESUME_LIMITED, /* EINTR, or less than was asked for: made again it would take longer, or too much */
	RESUME_UNKNOWN, /* a call that the table does not hold */
};

/*
 * What becomes of the system call nr (-1: none) with these arguments when its thread is stopped. Numbers
 * are those of the architecture that coroner was built for. Pure.
 *
 * Source: signal(7), "Interruption of system calls and library functions by stop signals"; in Linux
 * v6.18 the ERESTART codes of each call (include/linux/errno.h), which
 * arch/x86/kernel/signal.c:arch_do_signal_or_restart() and arch/arm64/kernel/signal.c:do_signal() act on.
 */
enum resume resume_of(int nr, const uint64_t args[static 6]);

/*
 * Whether a stop can make it come back with EINTR at all: of those that the kernel makes again only the ones
 * on a socket that has a time limit of its own, and those whose time limit lies in memory that cannot be
 * written. Where another one says EINTR, a handler of a signal was the reason. Pure.
 */
bool resume_may_fail(int nr, const uint64_t args[static 6]);

/*
 * Whether the kernel makes the call again through restart_syscall(2), which remembers when its time is
 * over: ERESTART_RESTARTBLOCK. Pure.
 */
bool resume_by_block(int nr, const uint64_t args[static 6]);

#endif
