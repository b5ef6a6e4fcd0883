/* SPDX-License-Identifier: MIT */
/* What a thread is blocked in: /proc/PID/task/TID/syscall, and for whom a wait waits. */
#ifndef CORONER_SYSCALL_H
#define CORONER_SYSCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum wait_kind {
	WAIT_FOR_NONE,	  /* no wait for children */
	WAIT_FOR_ANY,	  /* wait4(-1), waitid(P_ALL) */
	WAIT_FOR_PID,	  /* one child */
	WAIT_FOR_PIDFD,	  /* one child, through the pidfd in id */
	WAIT_FOR_GROUP,	  /* a process group; id 0 is the caller's own */
	WAIT_FOR_SIGNALS, /* rt_sigtimedwait: the set lies at address */
};

struct blocked_in {
	bool known;   /* false: the file could not be read, or another ABI's numbers are in it */
	bool running; /* it is on a CPU or about to be: in no system call that can be seen */
	int nr;	      /* system call number, -1: blocked outside any (page fault, exit) */
	const char *name; /* static; NULL when nr is -1 or unheard of */
	enum wait_kind wait;
	pid_t id; /* WAIT_FOR_PID, WAIT_FOR_GROUP: in the caller's PID namespace; WAIT_FOR_PIDFD: the fd */
	uint32_t options; /* of the wait: WEXITED is set for wait4, which implies it */
	uint64_t address; /* WAIT_FOR_SIGNALS: of the signal set in the thread's memory */
};

/*
 * Parse the text of /proc/PID/syscall (proc_pid_syscall(5); Linux v6.18
 * fs/proc/base.c:proc_pid_syscall()): "running", "-1 SP PC" or "NR A0 ... A5 SP PC". Numbers are
 * the native ABI's; a stack and a program counter that both lie below 4 GiB mean a 32-bit task on a
 * 64-bit kernel, whose numbers are others: known stays false.
 * Returns 0, or -EBADMSG and *ret not known, in no system call.
 */
int proc_syscall_parse(const char *text, size_t len, struct blocked_in *ret);

/* The name of a native system call ("wait4"), static; NULL where unknown. */
const char *syscall_name(int nr);

#endif
