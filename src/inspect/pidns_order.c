/* SPDX-License-Identifier: MIT */
/* The order of PID namespaces in which what is nested in one follows it. */
#include "inspect/pidns.h"

#define NOT_PLACED SIZE_MAX

/* Namespaces by the one around them: 0 is none, else one more than the index. */
struct nesting {
	uint32_t *first; /* owned, as the next */
	uint32_t *next;
};

static void find_nested(const struct pidns_map *m, struct nesting *ret)
{
	*ret = (struct nesting){ xcalloc(m->n, sizeof(*ret->first)),
				 xcalloc(m->n, sizeof(*ret->next)) };
	/* from the end, so that each list comes out in the order of the map */
	for (size_t i = m->n; i-- > 0;) {
		int around = m->list[i].parent;

		if (around < 0)
			continue;
		ret->next[i] = ret->first[around];
		ret->first[around] = (uint32_t)i + 1;
	}
}

/*
 * The next within a namespace that has no place yet, each once; a loop of namespaces, which a tree of garbage may hold,
 * ends at one that has
 */
static struct pidns *next_within(const struct pidns_map *m, struct nesting *nesting,
				 const struct pidns *ns)
{
	uint32_t *left = &nesting->first[ns - m->list];
	struct pidns *inner = NULL;

	while (*left && !inner) {
		inner = &m->list[*left - 1];
		*left = nesting->next[*left - 1];
		if (inner->place != NOT_PLACED)
			inner = NULL;
	}
	return inner;
}

static void place(struct pidns *ns, size_t *n)
{
	ns->place = (*n)++;
	ns->within = (struct pidns_count){ ns->processes, ns->threads, ns->zombies };
}

static void end_nested(struct pidns_map *m, struct pidns *ns, const struct pidns *top, size_t n)
{
	struct pidns *around = ns == top ? NULL : &m->list[ns->parent];

	ns->nested = n - ns->place - 1;
	if (!around)
		return;
	around->within.processes += ns->within.processes;
	around->within.threads += ns->within.threads;
	around->within.zombies += ns->within.zombies;
}

/* Give places to one and all within */
static void place_all(struct pidns_map *m, struct nesting *nesting, struct pidns *top, size_t *n)
{
	struct pidns *ns = top;

	place(ns, n);
	for (;;) {
		struct pidns *inner = next_within(m, nesting, ns);

		if (inner) {
			ns = inner;
			place(ns, n);
			continue;
		}
		end_nested(m, ns, top, *n);
		if (ns == top)
			return;
		ns = &m->list[ns->parent];
	}
}

static void place_everything(struct pidns_map *m)
{
	struct nesting nesting;
	size_t n = 0;

	find_nested(m, &nesting);
	for (size_t i = 0; i < m->n; i++)
		m->list[i].place = NOT_PLACED;
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].parent < 0)
			place_all(m, &nesting, &m->list[i], &n);
	/* those in a loop are below none */
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].place == NOT_PLACED)
			place_all(m, &nesting, &m->list[i], &n);
	free(nesting.first);
	free(nesting.next);
}

/* The processes of each side by side, those of namespaces within behind them */
static void sort_members(struct pidns_map *m, size_t n_procs)
{
	auto_free struct pidns **by_place = xcalloc(m->n, sizeof(struct pidns *));
	size_t at = 0;

	m->members = xcalloc(n_procs, sizeof(*m->members));
	for (size_t i = 0; i < m->n; i++)
		by_place[m->list[i].place] = &m->list[i];
	for (size_t i = 0; i < m->n; i++) {
		by_place[i]->first = at + by_place[i]->processes;
		at += by_place[i]->processes;
	}
	/* from the back, each put before those of its namespace that are there already */
	for (size_t i = n_procs; i-- > 0;)
		m->members[--m->list[m->of[i]].first] = (uint32_t)i;
}

void pidns_order(struct pidns_map *m, size_t n_procs)
{
	place_everything(m);
	sort_members(m, n_procs);
}

bool pidns_is_inside(const struct pidns_map *m, size_t at, size_t outer)
{
	const struct pidns *ns = &m->list[at], *around = &m->list[outer];

	return ns->place >= around->place && ns->place - around->place <= around->nested;
}
