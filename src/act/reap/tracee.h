/* SPDX-License-Identifier: MIT */
/*
 * One thread of another process, stopped for a moment and made to call wait4(2): ptrace(2) with
 * PTRACE_SEIZE. Nothing of its memory is written. Signals are never held back: one that wants to be
 * delivered comes first, with the registers as they were, and the calls go on another time.
 *
 * Whoever uses this must let go before it ends (tracee_go()). Should it be killed before, the kernel lets the
 * thread go as it is: in order, unless *is_at_stake.
 */
#ifndef CORONER_TRACEE_H
#define CORONER_TRACEE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "act/reap/reap_arch.h"
#include "act/reap/reap_threads.h"

struct tracee {
	int procfd;		    /* borrowed */
	pid_t pid;		    /* the process */
	struct reap_thread *thread; /* borrowed: its call is read anew before the stop */
	uint64_t vdso_site;
	struct reap_regs stopped;  /* what it was stopped with */
	struct reap_regs original; /* what is put back */
	uint64_t mask;		   /* blocked signals to put back (reap_arch_must_block) */
	uint64_t site;		   /* of the system call instruction that is used */
	int nr; /* its own call that the stop has interrupted, -1: none, or it is not known */
	int interrupted; /* the call that comes back with EINTR in spite of all, -1: none */
	int signal;	 /* that the present stop is about, to be delivered */
	bool masked;
	pid_t *held;	   /* borrowed: set to the thread from the moment on that it is seized */
	bool *is_at_stake; /* borrowed: set while its own call may be lost if the caller is killed */
	bool may_fail;	   /* its own call comes back with EINTR when it is woken once more */
	bool has_called;   /* one was made, or begun */
	bool is_changed;   /* original is not what it was stopped with: its call is made anew */
	bool enters;	   /* its own call is made again, and signals wait until it has entered */
	bool at_exit;	   /* it stands at the end of the injected call */
};

/* Once in a process, before the first tracee: a wait for a stop is to look up now and then. */
void tracee_begin(void);
/* After the last one. */
void tracee_end(void);

/*
 * Seize that thread and stop it. Where it stands in a call that would come back with EINTR though it
 * waits without a limit, that call will be made anew.
 * Returns REAP_ALLOWED: it stands, to be let go with tracee_go(). REAP_BUSY: it was let go at once, for
 * something came first: try again. Any other: it was let go, or could not be stopped; *ret_detail as in
 * struct reap_view. REAP_UNINTERRUPTIBLE means that the stop is still to come: only the end of this
 * process takes it back.
 */
enum reap_refusal tracee_stop(struct tracee *t, int *ret_detail);

/*
 * Have it call wait4(pid, NULL, WNOHANG | __WALL, NULL). *ret_result is what came of it, a negative errno
 * included. Returns REAP_ALLOWED; or, the call not having been made and tracee_go() being due, REAP_BUSY,
 * REAP_STOPPED, REAP_USER_DISPATCH or REAP_GONE.
 */
enum reap_refusal tracee_call(struct tracee *t, pid_t pid, int64_t *ret_result);

/* Put everything back and let it go. Returns 0, or -ESRCH: it has ended. */
int tracee_go(struct tracee *t);

#endif
