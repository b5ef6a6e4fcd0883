/* SPDX-License-Identifier: MIT */
/* The threads of a parent as one that would be stopped, the least noticed first; or why none may be. */
#ifndef CORONER_REAP_THREADS_H
#define CORONER_REAP_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "act/reap/reap_arch.h"
#include "act/reap/resume.h"
#include "census/census.h"

/* Why a parent is left alone. */
enum reap_refusal {
	REAP_ALLOWED,
	REAP_GONE, /* it ended meanwhile: no error */
	REAP_KERNEL_THREAD,
	REAP_DYING, /* SIGKILL is pending, or no thread of it is alive */
	REAP_DUMPING_CORE,
	REAP_STOPPED,
	REAP_TRACED, /* detail: the tracer, 0 one out of sight */
	REAP_FROZEN,
	REAP_IN_VFORK,
	REAP_UNINTERRUPTIBLE,
	REAP_FOREIGN_CODE,    /* 32-bit, or x32 */
	REAP_FOREIGN_MACHINE, /* coroner itself was built for an architecture that it cannot drive */
	REAP_NO_INSTRUCTION,  /* no system call instruction to be had: there is no vdso */
	REAP_SECCOMP,	      /* a filter, and no right to suspend it */
	REAP_USER_DISPATCH, /* it has its system calls sent to itself: prctl(PR_SET_SYSCALL_USER_DISPATCH) */
	REAP_DENIED, /* ptrace(2) is not permitted; detail: yama's ptrace_scope, 0 where there is none */
	REAP_BUSY,   /* signals, or its own work, came in between each time */
	REAP_KILLED, /* who was to hold it was killed, and it has lost no call by that */
	REAP_LOST, /* who held it was killed: it may be in the middle of a call that is not its own, or have lost its own */
	REAP_FAILED, /* detail: a negative errno */
};

/* One thread that can be stopped. */
struct reap_thread {
	pid_t tid;
	enum resume resume;
	struct reap_call call; /* that it is in */
	uint64_t switches;     /* how often it has gone to sleep so far */
	unsigned seccomp;      /* 0: no filter */
};

struct reap_view {
	enum reap_refusal refusal;
	int detail;
	struct reap_thread *threads; /* owned; n, in the order in which they should be tried */
	size_t n;
	uint64_t vdso_site; /* of a system call instruction; 0: none was found */
};

/*
 * Look at every thread of the parent, which the caller has pinned. frozen: whether its cgroup is. Always
 * fills *ret, to be freed with reap_view_done(): n is 0 where refusal is not REAP_ALLOWED.
 * Source: /proc/PID/task/TID/{stat,status,syscall}, exe, maps and mem (proc(5)).
 */
void reap_look(int procfd, const struct process *parent, enum tri frozen, struct reap_view *ret);
void reap_view_done(struct reap_view *v);

/*
 * In which call that thread is now, right before it is stopped: the less time there is in between, the less
 * often it has gone on by then. *t stays as it was where that cannot be read.
 */
void reap_look_again(int procfd, pid_t pid, struct reap_thread *t);

/* What /proc/PID/task/TID/status says of one thread beside its masks. */
struct reap_status {
	pid_t tgid;
	pid_t tracer;
	uint64_t pending; /* signals, for it or for all */
	bool killed;	  /* SIGKILL is among them */
	bool dead;	  /* the thread has ended */
	bool dumping_core;
	unsigned seccomp;
	uint64_t switches;
};

/* Read it. Returns 0, -ESRCH, -EACCES or another negative errno. */
int reap_status_read(int procfd, pid_t pid, pid_t tid, struct reap_status *ret);

/* Whether a process with these capabilities, that is under a filter just as this one is, may suspend a tracee's. */
bool reap_may_suspend(int procfd, uint64_t rights);

/* yama's kernel.yama.ptrace_scope, 0 where there is none. */
int reap_yama_scope(int procfd);

#endif
