/* SPDX-License-Identifier: MIT */
/* One probe that was asked for, and what came of it. */
#ifndef CORONER_EXPERIMENT_H
#define CORONER_EXPERIMENT_H

#include "act/enter/probe.h"
#include "case/acts/probe_trouble.h"
#include "case/sight.h"

struct experiment_choice {
	bool force;	     /* also where an earlier one left a zombie, or entering is refused */
	uint64_t timeout_ms; /* how long the orphan may stay unreaped */
};

struct experiment {
	struct census *census;	  /* owned */
	const struct process *in; /* borrowed; NULL: where coroner stands */
	uint64_t timeout_ms;
	bool came_to_an_end; /* it was tried, and the result is whole; else it holds what is known */
	struct probe_result result;
	struct probe_trouble trouble; /* why it is not known whether the adopter reaps */
	char *failure;		      /* owned; why nothing could be looked at; NULL: it could */
};

/*
 * Probe the PID namespace of a process; or with 0 the one of the scope or, without one, where coroner stands.
 * Gives up the capabilities that it took. ret must be zeroed; free it with experiment_done(), also after an
 * error. Returns 0 when it came to an end; or a negative errno, and why is among the problems: then census is
 * NULL where nothing was tried.
 */
int experiment_run(struct sight *sight, const struct experiment_choice *choice, pid_t pid,
		   struct experiment *ret);
void experiment_done(struct experiment *e);

#endif
