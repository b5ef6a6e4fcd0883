/* SPDX-License-Identifier: MIT */
/* Which cgroup the zombies are charged to. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "case/forks/limits.h"

static int compare_ids(const void *a, const void *b)
{
	const struct cgroup_level *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* BPF knows the id of the cgroup that each is charged to: exact on both versions */
static size_t hold_by_id(struct limits_view *v)
{
	const struct census *c = v->census;
	const struct cgroup_level *last = NULL;
	struct cgroup_levels all = { 0 };
	size_t lost = 0;

	(void)cgroup_walk(&v->tree, false, &all); /* what it cannot read leaves zombies unlaid */
	if (all.n > 0)
		qsort(all.v, all.n, sizeof(*all.v), compare_ids);
	for (size_t i = 0; i < c->n; i++) {
		const struct process_kernel *kernel = census_kernel(c, &c->procs[i]);
		const struct cgroup_level key = { .id = kernel ? kernel->cgroup_id : 0 };

		if (!process_is_zombie(&c->procs[i]))
			continue;
		lost += !kernel;
		/* the root is not in the walk: it has no limit */
		if (kernel && all.n > 0 && (!last || last->id != key.id))
			last = bsearch(&key, all.v, all.n, sizeof(*all.v), compare_ids);
		if (kernel && last)
			cgroup_counts_add(&v->held, last->path, 1);
	}
	cgroup_levels_done(&all);
	return lost;
}

/* v1 shows "/" for every zombie (cgroups(7)): its parent's cgroup is the best guess */
static size_t hold_by_parent(struct limits_view *v)
{
	const struct census *c = v->census;
	size_t lost = 0, seen = 0, all = 0;

	v->held_inferred = true;
	for (size_t i = 0; i < c->n; i++) {
		auto_free char *path = NULL;

		all += process_is_zombie(&c->procs[i]);
		if (c->procs[i].n_zombies == 0)
			continue;
		path = limits_cgroup_of(v, &c->procs[i]);
		seen += c->procs[i].n_zombies;
		if (path)
			cgroup_counts_add(&v->held, path, c->procs[i].n_zombies);
		else
			lost += c->procs[i].n_zombies;
	}
	/* the rest has parents that are out of sight */
	return lost + (all > seen ? all - seen : 0);
}

static size_t hold_by_file(struct limits_view *v)
{
	const struct census *c = v->census;
	size_t lost = 0;

	for (size_t i = 0; i < c->n; i++) {
		auto_free char *path = NULL;
		char *deleted;

		if (!process_is_zombie(&c->procs[i]))
			continue;
		path = limits_cgroup_of(v, &c->procs[i]);
		lost += !path;
		if (!path)
			continue;
		/* a zombie outlives its cgroup, and counts above it still */
		deleted = strstr(path, " (deleted)");
		if (deleted && deleted[strlen(" (deleted)")] == '\0')
			*deleted = '\0';
		cgroup_counts_add(&v->held, path, 1);
	}
	return lost;
}

void limits_hold_zombies(struct limits_view *v)
{
	size_t lost;

	if (v->census->kernel)
		lost = hold_by_id(v);
	else
		lost = v->tree.v2 ? hold_by_file(v) : hold_by_parent(v);
	cgroup_counts_sort(&v->held);
	if (lost)
		sight_remark(v->sight, REMARK_ZOMBIES_WITHOUT_CGROUP, .n = lost);
}

bool limits_zombies_below(const struct limits_view *v, const char *path, uint64_t *ret)
{
	if (!v->has_tree)
		return false;
	*ret = cgroup_counts_below(&v->held, path);
	return true;
}
