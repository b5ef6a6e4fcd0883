/* SPDX-License-Identifier: MIT */
#include "case/tree/walk.h"

#include "base/base.h"

#define NOT_YET (CENSUS_NONE - 1)

static size_t at(const struct census *c, const struct process *p)
{
	return (size_t)(p - c->procs);
}

/* Gives all from p upward, as far as they have none yet, that answer */
static void answer_upward(const struct census *c, const struct process *p, uint32_t answer,
			  uint32_t *nearest)
{
	while (p && nearest[at(c, p)] == CENSUS_NONE) {
		nearest[at(c, p)] = answer;
		p = census_parent(c, p);
	}
}

/*
 * Of each process the nearest from it upward that is marked, as an index into the census: CENSUS_NONE where
 * there is none. Each step up is made twice at most, however deep the forest is, and a cycle of parents ends it.
 */
static uint32_t *find_nearest(const struct census *c, const bool *marked)
{
	uint32_t *nearest = xmalloc(c->n * sizeof(*nearest));

	for (size_t i = 0; i < c->n; i++)
		nearest[i] = marked[i] ? (uint32_t)i : NOT_YET;
	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i];
		uint32_t answer;

		while (p && nearest[at(c, p)] == NOT_YET) {
			nearest[at(c, p)] = CENSUS_NONE;
			p = census_parent(c, p);
		}
		answer = p ? nearest[at(c, p)] : CENSUS_NONE;
		if (answer != CENSUS_NONE)
			answer_upward(c, &c->procs[i], answer, nearest);
	}
	return nearest;
}

static void keep(struct tree_walk *w, const struct process *p)
{
	while (p && !w->kept[at(w->census, p)]) {
		w->kept[at(w->census, p)] = true;
		if (p == w->root)
			return;
		p = census_parent(w->census, p);
	}
}

/* What is left out counts for the nearest kept process above it */
static void fold(struct tree_walk *w)
{
	auto_free uint32_t *nearest = find_nearest(w->census, w->kept);

	w->folded = xcalloc(w->census->n, sizeof(*w->folded));
	for (size_t i = 0; i < w->census->n; i++) {
		if (w->kept[i])
			continue;
		if (nearest[i] != CENSUS_NONE)
			w->folded[nearest[i]]++;
		else
			w->folded_apart++;
	}
}

static const struct process *kept_from(const struct tree_walk *w, const struct process *p)
{
	while (p && !w->kept[at(w->census, p)])
		p = census_next_child(w->census, p);
	return p;
}

static bool is_top(const struct tree_walk *w, const struct process *p)
{
	return w->root ? p == w->root : !census_parent(w->census, p);
}

static const struct process *next_top(const struct tree_walk *w, size_t from)
{
	for (size_t i = from; i < w->census->n; i++)
		if (w->kept[i] && is_top(w, &w->census->procs[i]))
			return &w->census->procs[i];
	return NULL;
}

const struct process *tree_walk_next(const struct tree_walk *w, const struct process *p,
				     size_t *depth)
{
	const struct census *c = w->census;
	const struct process *next;

	if (!p) {
		*depth = 0;
		return next_top(w, 0);
	}
	next = kept_from(w, census_first_child(c, p));
	if (next) {
		++*depth;
		return next;
	}
	while (!is_top(w, p)) {
		next = kept_from(w, census_next_child(c, p));
		if (next)
			return next;
		p = census_parent(c, p);
		--*depth;
	}
	return w->root ? NULL : next_top(w, at(w->census, p) + 1);
}

/* Which are the root that was asked for, or below it; owned by the caller, CENSUS_NONE: not */
static uint32_t *find_below_root(const struct tree_walk *w)
{
	auto_free bool *is_root = xcalloc(w->census->n, sizeof(*is_root));

	is_root[at(w->census, w->root)] = true;
	return find_nearest(w->census, is_root);
}

void tree_walk_begin(struct tree_walk *w)
{
	const struct census *c = w->census;
	auto_free uint32_t *below = w->root ? find_below_root(w) : NULL;

	w->kept = xcalloc(c->n, sizeof(*w->kept));
	for (size_t i = 0; i < c->n; i++)
		if (w->wanted[i] && (!below || below[i] != CENSUS_NONE))
			keep(w, &c->procs[i]);
	if (w->root)
		keep(w, w->root);
	fold(w);
}

void tree_walk_end(struct tree_walk *w)
{
	free(w->kept);
	free(w->folded);
	w->kept = NULL;
	w->folded = NULL;
}
