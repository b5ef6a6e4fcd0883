/* SPDX-License-Identifier: MIT */
/* The process tree cut down to what matters: which processes are kept, how many are folded. */
#ifndef CORONER_CMD_TREE_H
#define CORONER_CMD_TREE_H

#include "cmd/heirs.h"
#include "cmd/scope.h"

enum tree_mark {
	MARK_ZOMBIE = 1 << 0,
	MARK_ORPHAN = 1 << 1,
	MARK_INIT = 1 << 2,
	MARK_SUBREAPER = 1 << 3,
	MARK_INFERRED = 1 << 4, /* a subreaper: its children show it */
	MARK_ROOT = 1 << 5,	/* the PID that was asked for */
};

struct tree_view {
	struct context *ctx;   /* borrowed */
	struct census *census; /* owned */
	struct heirs heirs;
	struct scope scope;
	const struct process *root; /* borrowed; NULL: all of the forest */
	unsigned *marks;	    /* owned, as the rest; parallel to census->procs */
	bool *kept;
	size_t *folded;	     /* descendants left out, by the kept process above them */
	size_t folded_apart; /* those that have no kept process above them */
};

/*
 * Take the census and mark what it holds. Returns 0, ret then freed with tree_view_done(); or,
 * after complaining, a negative errno.
 */
int tree_view_take(struct context *ctx, pid_t root, struct tree_view *ret);
void tree_view_done(struct tree_view *v);

/* Walk the kept processes, each after its parent: NULL for the first one, NULL at the end. */
const struct process *tree_view_next(const struct tree_view *v, const struct process *p,
				     size_t *depth);

static inline unsigned tree_marks(const struct tree_view *v, const struct process *p)
{
	return v->marks[p - v->census->procs];
}

#endif
