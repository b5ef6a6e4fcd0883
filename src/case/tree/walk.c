/* SPDX-License-Identifier: MIT */
#include "case/tree/walk.h"

#include "base/base.h"

static size_t at(const struct tree_walk *w, const struct process *p)
{
	return (size_t)(p - w->census->procs);
}

/* Is p the root that was asked for, or below it? Climbs at most as far as there are processes. */
static bool is_below_root(const struct tree_walk *w, const struct process *p)
{
	for (size_t steps = 0; p && steps <= w->census->n; steps++) {
		if (p == w->root)
			return true;
		p = census_parent(w->census, p);
	}
	return false;
}

static void keep(struct tree_walk *w, const struct process *p)
{
	while (p && !w->kept[at(w, p)]) {
		w->kept[at(w, p)] = true;
		if (p == w->root)
			return;
		p = census_parent(w->census, p);
	}
}

/* What is left out counts for the nearest kept process above it */
static void fold(struct tree_walk *w)
{
	const struct census *c = w->census;

	w->folded = xcalloc(c->n, sizeof(*w->folded));
	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i];

		if (w->kept[i])
			continue;
		for (size_t steps = 0; p && !w->kept[at(w, p)] && steps <= c->n; steps++)
			p = census_parent(c, p);
		if (p && w->kept[at(w, p)])
			w->folded[at(w, p)]++;
		else
			w->folded_apart++;
	}
}

static const struct process *kept_from(const struct tree_walk *w, const struct process *p)
{
	while (p && !w->kept[at(w, p)])
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
	return w->root ? NULL : next_top(w, at(w, p) + 1);
}

void tree_walk_begin(struct tree_walk *w)
{
	const struct census *c = w->census;

	w->kept = xcalloc(c->n, sizeof(*w->kept));
	for (size_t i = 0; i < c->n; i++)
		if (w->wanted[i] && (!w->root || is_below_root(w, &c->procs[i])))
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
