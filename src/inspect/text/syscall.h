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

/* How long a call may sleep by itself. */
enum sleep_limit {
	LIMIT_UNKNOWN,
	LIMIT_NONE,	 /* until something comes from outside */
	LIMIT_KNOWN,	 /* limit_ns */
	LIMIT_IN_MEMORY, /* at limit_address of the thread's memory: see limit_read() */
};

#define LIMIT_RELATIVE (-1)  /* no clock: it counts from the beginning of the call */
#define SYSCALL_FOREIGN (-2) /* a call of another ABI that has no number in the native one */

/* Whose numbers and layouts a thread's system calls have. */
enum syscall_abi {
	ABI_GUESS, /* native, unless stack and program counter allow both */
	ABI_NATIVE,
	ABI_COMPAT, /* a 32-bit program's on a 64-bit kernel */
};

struct blocked_in {
	bool known;	/* false: the file could not be read, or another ABI's numbers are in it */
	bool ambiguous; /* why it is not: its program may be a 32-bit one */
	bool running;	/* it is on a CPU or about to be: in no system call that can be seen */
	int nr;		/* native system call number, -1: blocked outside any (page fault, exit) */
	const char *name; /* static; NULL when nr is -1 or unheard of */
	enum wait_kind wait;
	pid_t id; /* WAIT_FOR_PID, WAIT_FOR_GROUP: in the caller's PID namespace; WAIT_FOR_PIDFD: the fd */
	uint32_t options; /* of the wait: WEXITED is set for wait4, which implies it */
	uint64_t address; /* WAIT_FOR_SIGNALS: of the signal set in the thread's memory */
	uint64_t args[6]; /* of the call, while nr is not -1 */
	uint64_t sp, pc;  /* of a thread that is not running */
	enum sleep_limit limit;
	int64_t limit_ns; /* from the beginning or, where limit_clock is a clock, what is left of it */
	int limit_clock; /* LIMIT_RELATIVE, or CLOCK_* */
	uint64_t limit_address;
	bool limit_short; /* there: two times 32 bits, else 64 */
	bool limit_micro; /* there: microseconds, else nanoseconds */
};

/*
 * Parse the text of /proc/PID/syscall (proc_pid_syscall(5); Linux v6.18
 * fs/proc/base.c:proc_pid_syscall()): "running", "-1 SP PC" or "NR A0 ... A5 SP PC". A stack and a
 * program counter that both lie below 4 GiB are as a rule those of a 32-bit task on a 64-bit kernel,
 * whose numbers are others: with ABI_GUESS known then stays false, and ambiguous is set.
 * Returns 0, or -EBADMSG and *ret not known, in no system call.
 */
int proc_syscall_parse(const char *text, size_t len, enum syscall_abi abi, struct blocked_in *ret);

/*
 * From the size bytes that lie at limit_address to limit and limit_ns: LIMIT_KNOWN, or LIMIT_UNKNOWN where
 * they are too few, no time, or of a clock that is not known. Reads the clock that they are of.
 */
void limit_parse(const void *bytes, size_t size, struct blocked_in *in);

/* The name of a native system call ("wait4"), static; NULL where unknown. */
const char *syscall_name(int nr);

#endif
