/* SPDX-License-Identifier: MIT */
/* What `coroner nudge` tried on each parent, and how it tells that. */
#ifndef CORONER_ATTEMPT_H
#define CORONER_ATTEMPT_H

#include "act/nudge.h"
#include "cmd/cases.h"

struct attempt {
	pid_t pid;
	char comm[TASK_COMM_LEN];	  /* raw; "" for a process that is not there */
	const struct parent_case *parent; /* borrowed; NULL: it holds no zombie */
	struct verdict verdict;		  /* of the parent, or of the zombie that may be helped */
	bool wanted;			  /* the signal is to be sent */
	bool not_done;			  /* what was asked for could not be done */
	bool ended;			  /* its zombies are another's now: after is not known */
	struct nudge_result result;
	char *reason; /* owned; why nothing was sent or zombies stay; NULL: nothing to explain */
};

struct attempts {
	struct attempt *list; /* owned */
	size_t n;
};

/* Print them, as "coroner.nudge/1" or a line each. */
void attempts_print(const struct context *ctx, const struct census *c, const struct attempts *all,
		    bool dry_run);

/* EXIT_DONE where no zombie is left, or nothing was to be sent in earnest; else EXIT_NOT_DONE. */
int attempts_status(const struct attempts *all, bool dry_run);

void attempts_done(struct attempts *all);

#endif
