/* SPDX-License-Identifier: MIT */
/* The process tree cut down to what matters: the branches with zombies, orphans or reapers. */
#ifndef CORONER_BRANCHES_H
#define CORONER_BRANCHES_H

#include "case/heirs/heirs.h"
#include "case/sight.h"

enum branch_mark {
	MARK_ZOMBIE = 1 << 0,
	MARK_ORPHAN = 1 << 1,
	MARK_INIT = 1 << 2,
	MARK_SUBREAPER = 1 << 3,
	MARK_INFERRED = 1 << 4, /* a subreaper: its children show it; an init: it may be it */
	MARK_ROOT = 1 << 5,	/* the PID that was asked for */
};

/* One process that is kept. */
struct branch {
	const struct process *process; /* borrowed from the census */
	size_t depth;		       /* 0: at the top of what is shown */
	unsigned marks;		       /* enum branch_mark */
	size_t folded;		       /* descendants left out that have none nearer above them */
	size_t pidns;		       /* index into heirs.map.list */
	bool has_reaps;		       /* a reaper that holds zombies: whether it reaps */
	enum tri reaps;		       /* as case/heirs/reapers.h says */
	bool holds_adopted;	       /* some of them are adopted */
	bool enters_pidns;	       /* its parent is in another one */
	bool enters_container;	       /* alive, and its parent is not in its container */
	/* owned; its container or, where all that is known is shown, all; NULL: nothing was read */
	struct details *details;
};

struct branches {
	struct census *census; /* owned, as the rest */
	struct heirs heirs;
	struct branch *list; /* each after its parent, in the order of a walk */
	size_t n, cap;
	size_t folded_apart; /* left out, and nothing kept above them */
	bool is_part;	     /* of one PID, not the whole forest */
};

/*
 * Look, mark what matters, and list it and what lies above it: below root, unless that is 0. ret must be
 * zeroed; free it with branches_done(), also after an error. What could not be seen becomes a note.
 * Returns 0; or a negative errno, and why is among the problems: no census, no such process, or the
 * scope holds nothing at all.
 */
int branches_collect(struct sight *sight, pid_t root, struct branches *ret);
void branches_done(struct branches *b);

#endif
