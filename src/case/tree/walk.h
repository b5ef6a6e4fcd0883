/* SPDX-License-Identifier: MIT */
/* The way through a forest of processes, by those alone that are wanted and what lies above them. Pure. */
#ifndef CORONER_TREE_WALK_H
#define CORONER_TREE_WALK_H

#include "census/census.h"

struct tree_walk {
	const struct census *census; /* borrowed, as the next two */
	const struct process *
		root; /* kept in any case, and nothing that is not below it; NULL: all of the forest */
	const bool *wanted;  /* parallel to census->procs */
	bool *kept;	     /* owned, as the next; parallel too */
	size_t *folded;	     /* descendants left out, by the nearest kept process above them */
	size_t folded_apart; /* left out, and nothing kept above them */
};

/* Find out what is kept. The first three fields are given, the others zeroed; to be freed with tree_walk_end(). */
void tree_walk_begin(struct tree_walk *w);

/*
 * The next kept process after p, a child of p first; NULL: the first one, and after the last. depth: of p,
 * becomes that of what is returned, 0 at the top. Where a forged census has a cycle of parents it may go on
 * for ever: count.
 */
const struct process *tree_walk_next(const struct tree_walk *w, const struct process *p,
				     size_t *depth);
void tree_walk_end(struct tree_walk *w);

#endif
