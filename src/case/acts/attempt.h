/* SPDX-License-Identifier: MIT */
/* What `coroner nudge` is to try on each parent, and what came of it. */
#ifndef CORONER_ATTEMPT_H
#define CORONER_ATTEMPT_H

#include "act/nudge.h"
#include "act/pins.h"
#include "case/zombies/cases.h"

/* Why nothing is sent, or zombies stay. */
enum attempt_reason {
	ATTEMPT_NO_REASON, /* nothing is to be explained */
	ATTEMPT_ABSENT,	   /* no process of that number is in sight; error: what pins_find() says */
	ATTEMPT_OUT_OF_SCOPE,
	ATTEMPT_IS_ZOMBIE, /* itself: instead is its parent */
	ATTEMPT_HOLDS_NONE,
	ATTEMPT_KERNEL_THREAD,
	ATTEMPT_NO_USE,	  /* by the verdict */
	ATTEMPT_CHANGED,  /* its disposition is another than the one that was judged */
	ATTEMPT_UNPINNED, /* error says why */
	ATTEMPT_RESULT,	  /* the result says it */
};

/* Whom to nudge in place of a zombie; its verdict is the attempt's. */
struct attempt_instead {
	pid_t pid;
	bool in_sight;
	bool holds; /* by the cases: it is judged */
	bool helps; /* a nudge may get one of its zombies reaped */
};

struct attempt {
	pid_t pid;
	char comm[TASK_COMM_LEN];	  /* raw; "" for a process that is not there */
	const struct parent_case *parent; /* borrowed; NULL: it holds no zombie */
	struct verdict verdict;		  /* of the parent, or of the zombie that may be helped */
	struct attempt_instead instead;	  /* of ATTEMPT_IS_ZOMBIE */
	bool wanted;			  /* the signal is to be sent */
	bool not_done;			  /* what was asked for could not be done */
	bool ended;			  /* its zombies are another's now: after is not known */
	struct nudge_result result;
	enum attempt_reason reason;
	int error; /* negative errno, where the reason needs one */
};

struct attempt_choice {
	bool force;   /* send also where it looks useless */
	bool dry_run; /* send nothing */
	unsigned timeout_ms;
};

struct attempts {
	struct attempt_choice choice;
	struct cases cases; /* brief; owned, as the rest */
	struct pins pins;
	bool unpinned; /* a rehearsal where nothing can be pinned */
	struct attempt *list;
	size_t n;
};

/*
 * Pin, look, and plan: of the n processes named, each once; with n 0 of every parent in sight. ret must be
 * zeroed; free it with attempts_done(), also after an error. Returns 0; or a negative errno, and why is
 * among the problems.
 */
int attempts_plan(struct sight *sight, const struct attempt_choice *choice, const pid_t *pids,
		  size_t n, struct attempts *ret);
void attempts_done(struct attempts *all);

/*
 * Send, where that is wanted, or rehearse it, and fill all results. Gives up all capabilities that no read
 * depends on.
 */
void attempts_send(struct sight *sight, struct attempts *all);

/* Whether no zombie is left, or nothing was to be sent in earnest; and all could be done. */
bool attempts_are_done(const struct attempts *all);

#endif
