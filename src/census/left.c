/* SPDX-License-Identifier: MIT */
#include "census/left.h"

#include <stdlib.h>

#define MS INT64_C(1000000)
#define IN_MOTION \
	(100 * MS) /* who ran that shortly before the pass may have been read half changed */
#define SIDE_BY_SIDE (2 * MS) /* bounds closer than that say the same */

/* Many zombies are born one after the other: one of them will do */
static bool is_told(const struct left *l, const struct left_bound *b)
{
	const struct left_bound *last = l->n_bounds ? &l->bounds[l->n_bounds - 1] : NULL;

	return last && last->cpu == b->cpu && last->discount <= b->discount &&
	       last->task_clock <= b->task_clock + SIDE_BY_SIDE &&
	       last->task_clock + SIDE_BY_SIDE >= b->task_clock;
}

void left_learn(struct left *l, const struct left_run *run)
{
	struct left_bound b = { .cpu = run->cpu };

	if (run->last_arrival == 0 || run->exec_start <= run->runtime ||
	    run->last_arrival + run->runtime < run->exec_start ||
	    (int64_t)(run->exec_start + run->discount) + IN_MOTION >= l->now.sched_clock)
		return;
	b.task_clock = run->exec_start - run->runtime;
	b.discount = (int64_t)(run->last_arrival - b.task_clock);
	if (b.discount >= (int64_t)run->discount || is_told(l, &b))
		return;
	ARRAY_GROW(l->bounds, l->n_bounds, l->cap_bounds);
	l->bounds[l->n_bounds++] = b;
}

static int compare_notes(const void *a, const void *b)
{
	const struct left_note *x = a, *y = b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return (x->task_clock > y->task_clock) - (x->task_clock < y->task_clock);
}

/* How many of the notes, in order, stand before that moment of that CPU or at it */
static size_t count_until(const struct left *l, const struct left_bound *b)
{
	const struct left_note wanted = { .cpu = b->cpu, .task_clock = b->task_clock };
	size_t low = 0, high = l->n_notes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_notes(&l->notes[middle], &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void lower(struct left_note *note, int64_t discount)
{
	if (note->discount > discount)
		note->discount = discount;
}

void left_narrow(struct left *l)
{
	if (l->n_notes == 0)
		return;
	qsort(l->notes, l->n_notes, sizeof(*l->notes), compare_notes);
	for (size_t i = 0; i < l->n_bounds; i++) {
		size_t n = count_until(l, &l->bounds[i]);

		if (n > 0 && l->notes[n - 1].cpu == l->bounds[i].cpu)
			lower(&l->notes[n - 1], l->bounds[i].discount);
	}
	for (size_t i = l->n_notes - 1; i-- > 0;)
		if (l->notes[i].cpu == l->notes[i + 1].cpu)
			lower(&l->notes[i], l->notes[i + 1].discount);
}

/* Of those that have children; the others are asked by nobody */
static void keep_parents(const struct census *c, struct left *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_notes; i++) {
		const struct process *p = census_find(c, l->notes[i].tgid);

		if (!p || p->first_child == CENSUS_NONE)
			continue;
		c->kernel[p - c->procs].group_left_ns = 0;
		l->notes[n++] = l->notes[i];
	}
	l->n_notes = n;
}

/* CLOCK_BOOTTIME, at the latest; INT64_MAX: not known */
static int64_t moment(const struct left *l, const struct left_note *note)
{
	int64_t left, earliest, latest;

	if (!note->known)
		return INT64_MAX;
	left = (int64_t)note->task_clock + note->discount;
	if (left < note->arrived || death_clock_bounds(left, &l->now, &earliest, &latest) < 0)
		return INT64_MAX;
	return latest + l->timens_ns;
}

void census_mark_left(struct census *c)
{
	struct left *l = c->left;

	if (!l || !c->kernel)
		return;
	keep_parents(c, l);
	left_narrow(l);
	for (size_t i = 0; i < l->n_notes; i++) {
		const struct process *p = census_find(c, l->notes[i].tgid);
		struct process_kernel *k = &c->kernel[p - c->procs];
		int64_t left = moment(l, &l->notes[i]);

		if (left > k->group_left_ns)
			k->group_left_ns = left;
		/* one that ended before its turn came may have run until then */
		if (p->threads > 1 && k->other_threads + 1 < p->threads)
			k->group_left_ns = INT64_MAX;
	}
	left_free(l);
	c->left = NULL;
}

void census_keep_left(struct census *c, const struct census *earlier)
{
	for (size_t i = 0; c->kernel && earlier->kernel && i < c->n; i++) {
		struct process_kernel *k = &c->kernel[i];
		const struct process_kernel *before;
		const struct process *p;

		if (c->procs[i].first_child == CENSUS_NONE)
			continue;
		p = census_find(earlier, c->procs[i].pid);
		before = p && process_is_same(p, &c->procs[i]) ? census_kernel(earlier, p) : NULL;
		/* 0: a kernel that does not note them */
		if (before && !k->hidden && k->arrivals && before->arrivals == k->arrivals &&
		    before->group_left_ns < k->group_left_ns)
			k->group_left_ns = before->group_left_ns;
	}
}

void left_free(struct left *l)
{
	if (!l)
		return;
	free(l->notes);
	free(l->bounds);
	free(l);
}
