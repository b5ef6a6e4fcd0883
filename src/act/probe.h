/* SPDX-License-Identifier: MIT */
/* The probe: make an orphan, see who adopts it, let it die, see whether it is reaped. */
#ifndef CORONER_PROBE_H
#define CORONER_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "act/orphan.h"
#include "census/census.h"

struct probe_result {
	uint64_t pidns;	      /* inode of the PID namespace that was probed; 0: not known */
	bool elsewhere;	      /* that is another one than coroner's own */
	pid_t adopter;	      /* in coroner's PID namespace; 0: not known, or outside it */
	pid_t adopter_ns_pid; /* in the probed one; 0: outside it */
	char adopter_comm[TASK_COMM_LEN]; /* raw, untrusted; "" where not known */
	bool reaped;
	double reaped_after_ms; /* from the orphan's death; valid when reaped */
	pid_t left_behind;	/* the orphan, dead and not reaped when time was over; else 0 */
	enum orphan_step step;	/* which step failed, when probe_run() did */
};

/* A probe under way. */
struct probe;

/*
 * Start to probe the spot where this process stands (in NULL), or the PID namespace that the
 * process in is in. From inside the namespace that is the same one, it is the own spot that is
 * probed: which subreapers count depends on where an orphan is born. The orphan exits with status 0.
 *
 * procfd is a proc that numbers processes as this process does (pin_check_procfs()); without in, -1
 * is allowed and leaves pidns and adopter_comm unknown; it must outlive the probe. timeout_ms is
 * for the adoption, and again from the orphan's death on. Must be called while no other thread
 * runs; sets SIGCHLD to its default. PRIVILEGE_ENTER may be dropped once this has returned.
 *
 * Returns 0 and *ret, to be given to probe_finish(); or a negative errno: -ESRCH in is gone;
 * -EACCES rights are missing (PRIVILEGE_ENTER); -EOPNOTSUPP no pidfds, or an unfit procfd.
 */
int probe_start(int procfd, const struct process *in, unsigned timeout_ms, struct probe **ret);

/*
 * Wait for the adoption, then let the orphan die. To be called for each of several probes before
 * the first is finished, so that their times run side by side; else probe_finish() does it.
 */
void probe_let_die(struct probe *p);

/*
 * Wait until the orphan is reaped or time is over; frees p, leaves nothing of its own behind.
 * Returns 0 and *ret, or a negative errno and *ret as far as it got: -EACCES and -EINVAL the
 * namespace may not be entered; -EAGAIN or -ENOMEM it takes no process any more; -ETIMEDOUT nothing
 * was heard of the orphan, which was killed then; -ECONNRESET it was ended by somebody else.
 */
int probe_finish(struct probe *p, struct probe_result *ret);

#endif
