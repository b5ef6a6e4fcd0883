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
	const struct parent_evidence *process; /* borrowed: masks and what its threads wait for */
};

struct reaps {
	enum tri answer;
	const char *why; /* static: one sentence */
};

/* Judge in the order of SPEC: probe, wait for any child, stale adopted zombies, ignored SIGCHLD. Pure. */
struct reaps reaps_judge(const struct reaps_evidence *e);

/* "yes", "no" or "unknown"; static. */
const char *reaps_name(enum tri answer);

#endif
