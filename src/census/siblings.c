/* SPDX-License-Identifier: MIT */
#include "census/siblings.h"

/* Two forks at once (CLONE_PARENT) may take their times in one order and join in the other */
#define MARGIN_NS UINT64_C(50000000)

#define NO_CANDIDATE (CENSUS_NONE - 1)

struct order {
	struct census *c; /* borrowed */
	/* owned; the candidate before it in PID order that has the same parent, CENSUS_NONE, or NO_CANDIDATE */
	uint32_t *before;
	uint32_t *by_task; /* owned; hash of process_kernel.task: indices of candidates; NULL: not needed yet */
	size_t mask;
	uint64_t *latest; /* owned; latest birth of it and all before; 0: not known yet */
	uint32_t *path;	  /* owned; room for a walk along one list */
};

/* Whether it can have been adopted by its parent, and the list it is in tells */
static bool is_candidate(const struct census *c, size_t i)
{
	const struct process *parent = census_parent(c, &c->procs[i]);
	const struct process_kernel *k = parent ? census_kernel(c, parent) : NULL;

	if (!k || k->lost_thread || c->kernel[i].hidden)
		return false;
	return k->is_init || k->subreaper || c->kernel[i].has_subreaper;
}

static size_t hash_task(uint64_t task)
{
	return (size_t)((task >> 6) * UINT64_C(0x9e3779b97f4a7c15) >> 20);
}

/* How many candidates there are; of each the one before it. path serves as: the last one so far, of each parent */
static size_t find_before(struct order *o)
{
	const struct census *c = o->c;
	uint32_t *last = o->path;
	size_t n = 0;

	memset(last, 0xff, c->n * sizeof(*last));
	for (size_t i = 0; i < c->n; i++) {
		o->before[i] = NO_CANDIDATE;
		if (!is_candidate(c, i))
			continue;
		o->before[i] = last[c->procs[i].parent];
		last[c->procs[i].parent] = (uint32_t)i;
		n++;
	}
	return n;
}

static void index_tasks(struct order *o)
{
	const struct census *c = o->c;
	size_t size = 64;

	while (size < c->n * 2)
		size *= 2;
	o->mask = size - 1;
	o->by_task = xmalloc(size * sizeof(*o->by_task));
	memory_ready(o->by_task, size * sizeof(*o->by_task));
	memset(o->by_task, 0xff, size * sizeof(*o->by_task));
	for (size_t i = 0; i < c->n; i++) {
		size_t slot = hash_task(c->kernel[i].task) & o->mask;

		if (o->before[i] == NO_CANDIDATE)
			continue;
		while (o->by_task[slot] != CENSUS_NONE)
			slot = (slot + 1) & o->mask;
		o->by_task[slot] = (uint32_t)i;
	}
}

/* Mostly the one before it in the order of PIDs is the one before it in its parent's list, too. */
static uint32_t find_task(struct order *o, uint64_t task, uint32_t before)
{
	size_t slot;

	if (before != CENSUS_NONE && o->c->kernel[before].task == task)
		return before;
	if (!task)
		return CENSUS_NONE;
	if (!o->by_task)
		index_tasks(o);
	slot = hash_task(task) & o->mask;
	for (; o->by_task[slot] != CENSUS_NONE; slot = (slot + 1) & o->mask)
		if (o->c->kernel[o->by_task[slot]].task == task)
			return o->by_task[slot];
	return CENSUS_NONE;
}

static uint32_t find_older(struct order *o, uint32_t i)
{
	const struct census *c = o->c;
	uint32_t older = find_task(o, c->kernel[i].older_sibling, o->before[i]);

	if (older == CENSUS_NONE || c->procs[older].ppid != c->procs[i].ppid)
		return CENSUS_NONE;
	/* one born since the pass began may have the memory of the one that was meant */
	return c->kernel[older].start_ns < (uint64_t)c->taken_ns ? older : CENSUS_NONE;
}

/* From i towards the eldest until one that is known, then back */
static void walk(struct order *o, uint32_t i)
{
	const struct census *c = o->c;
	uint64_t latest = 0;
	size_t n = 0;

	for (; i != CENSUS_NONE && !o->latest[i]; i = find_older(o, i)) {
		o->latest[i] = 1; /* a race could close a circle */
		o->path[n++] = i;
	}
	if (i != CENSUS_NONE)
		latest = o->latest[i];
	while (n > 0) {
		struct process_kernel *k = &c->kernel[o->path[--n]];

		k->attached_late = k->start_ns + MARGIN_NS < latest;
		latest = k->start_ns > latest ? k->start_ns : latest;
		o->latest[o->path[n]] = latest;
	}
}

void census_mark_late(struct census *c)
{
	struct order o = { .c = c };

	if (!c->kernel)
		return;
	o.before = xmalloc(c->n * sizeof(*o.before));
	o.path = xmalloc(c->n * sizeof(*o.path));
	memory_ready(o.before, c->n * sizeof(*o.before));
	memory_ready(o.path, c->n * sizeof(*o.path));
	if (find_before(&o) > 0) {
		o.latest = xcalloc(c->n, sizeof(*o.latest));
		memory_ready(o.latest, c->n * sizeof(*o.latest));
		for (size_t i = 0; i < c->n; i++)
			if (o.before[i] != NO_CANDIDATE)
				walk(&o, (uint32_t)i);
	}
	free(o.by_task);
	free(o.latest);
	free(o.path);
	free(o.before);
}
