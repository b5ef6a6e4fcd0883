/* SPDX-License-Identifier: MIT */
/* The probe: make an orphan, see who adopts it, let it die, see whether it is reaped. */
#ifndef CORONER_PROBE_H
#define CORONER_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "act/enter/airlock.h"
#include "act/enter/inside.h"
#include "census/census.h"

struct probe_result {
	uint64_t pidns;	      /* inode of the PID namespace that was probed; 0: not known */
	bool elsewhere;	      /* that is another one than coroner's own */
	pid_t adopter;	      /* in coroner's PID namespace; 0: not known, or outside it */
	pid_t adopter_ns_pid; /* in the probed one; 0: outside it */
	char adopter_comm[TASK_COMM_LEN]; /* raw, untrusted; "" where not known */
	enum tri reaps;			  /* UNKNOWN: the adopter ended before that could be seen */
	bool reaped;			  /* reaps is YES */
	double reaped_after_ms;		  /* from the orphan's death; valid when reaped */
	pid_t left_behind; /* the orphan, dead and still not reaped at the end; else 0; set on errors too */
	pid_t held; /* of ours there, alive or dead, that does not end: frozen or traced; else 0 */
	enum inside_step step; /* which step failed, when probe_finish() did */
};

/* A probe under way. */
struct probe;

/*
 * Start to probe the spot where this process stands (in NULL), or the PID namespace that the
 * process in is in. From inside the namespace that is the same one, it is the own spot that is
 * probed: which subreapers count depends on where an orphan is born. The orphan exits with status 0.
 *
 * airlock must outlive the start, procfd the probe. procfd is a proc that numbers processes as this
 * process does (pin_check_procfs()); without in, -1 is allowed and leaves pidns and adopter_comm
 * unknown. timeout_ms is for the adoption, and again from the orphan's death on. Must be called
 * while no other thread runs; sets SIGCHLD to its default.
 *
 * Returns 0 and *ret, to be given to probe_finish(); or a negative errno: -ESRCH in is gone;
 * -EACCES rights are missing (RIGHTS_ENTER); -EOPNOTSUPP no pidfds, or an unfit procfd.
 */
int probe_start(const struct airlock *airlock, int procfd, const struct process *in,
		unsigned timeout_ms, struct probe **ret);

/*
 * Wait for the adoption, then let the orphan die. To be called for each of several probes before
 * the first is finished, so that their times run side by side; else probe_finish() does it. The
 * airlock may be closed, and RIGHTS_INTO dropped, once this has returned.
 */
void probe_let_die(struct probe *p);

/*
 * Wait until the orphan is reaped, or the adopter ends, or time is over; frees p, leaves nothing living
 * of its own behind. Only a parent can wait for a zombie, and it passes on when that ends: what is seen
 * reaped while the adopter lives the adopter has reaped (Linux kernel/exit.c:do_wait(), or the kernel for
 * it where it ignores SIGCHLD).
 * Returns 0 and *ret, or a negative errno and *ret as far as it got: -EACCES and -EINVAL the
 * namespace may not be entered; -EAGAIN or -ENOMEM it takes no process any more; -ETIMEDOUT nothing
 * was heard of the orphan, which was killed then; -ECONNRESET it was ended by somebody else.
 */
int probe_finish(struct probe *p, struct probe_result *ret);

#endif
