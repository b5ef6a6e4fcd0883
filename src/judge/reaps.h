/* SPDX-License-Identifier: MIT */
/* Whether a reaper (a namespace's init, a subreaper) reaps what it adopts: evidence, strongest first. */
#ifndef CORONER_REAPS_H
#define CORONER_REAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "judge/verdict.h"

struct reaps_evidence {
	enum tri probe;	      /* an orphan made on purpose was reaped, or was not */
	bool dying;	      /* PF_EXITING: its SIGCHLD disposition was then set by the kernel */
	size_t adopted_stale; /* adopted zombies that outlived a settle time */
	size_t adopted_fresh; /* adopted zombies at all: whether they stay is not known */
	bool may_sweep;	      /* it may run at any time, and look for them then */
	const struct parent_evidence *process; /* borrowed: masks and what its threads wait for */
};

/* What the answer follows from: words/heirs/reaps.c has a sentence for each. */
enum reaps_reason {
	REAPS_PROBE_REAPED,
	REAPS_PROBE_LEFT,
	REAPS_DYING,
	REAPS_CRASHED, /* its core is being written */
	REAPS_WAITS_FOR_ANY,
	REAPS_ADOPTED_STAY,
	REAPS_ADOPTED_FRESH, /* a settle time would tell whether they stay */
	REAPS_ADOPTED_SWEPT, /* only a longer time would */
	REAPS_IGNORES,
	REAPS_NO_CLDWAIT,
	REAPS_PROBE_BELOW, /* nothing shows it: it is no init, and a probe below it would tell */
	REAPS_PROBE_TELLS, /* nothing shows it: a probe of its PID namespace would tell */
	REAPS_REASONS,
};

struct reaps {
	enum tri answer;
	enum reaps_reason reason;
};

/* Judge in this order: probe, core dump (unless the kernel reaps for it), wait for any child, stale adopted zombies, ignored SIGCHLD. Pure. */
struct reaps reaps_judge(const struct reaps_evidence *e);

#endif
