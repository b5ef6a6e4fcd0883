/* SPDX-License-Identifier: MIT */
/* Which cgroup the zombies are charged to. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "case/forks/limits.h"

static void hold(struct limits_view *v, const char *path, size_t n)
{
	for (size_t i = v->n_held; i-- > 0;) {
		if (streq(v->held[i].path, path)) {
			v->held[i].zombies += n;
			return;
		}
	}
	ARRAY_GROW(v->held, v->n_held, v->cap_held);
	v->held[v->n_held++] = (struct held_cgroup){ xstrdup(path), n };
}

/* BPF knows the id of the cgroup that each is charged to: exact on both versions */
static size_t hold_by_id(struct limits_view *v)
{
	const struct census *c = v->census;
	struct cgroup_levels all = { 0 };
	size_t lost = 0, last = 0;

	(void)cgroup_walk(&v->tree, false, &all); /* what it cannot read leaves zombies unlaid */
	for (size_t i = 0; i < c->n; i++) {
		const struct process_kernel *kernel = census_kernel(c, &c->procs[i]);
		size_t at = last;

		if (!process_is_zombie(&c->procs[i]))
			continue;
		if (at >= all.n || !kernel || all.v[at].id != kernel->cgroup_id)
			for (at = 0; kernel && at < all.n; at++)
				if (all.v[at].id == kernel->cgroup_id)
					break;
		/* the root is not in the walk: it has no limit */
		if (!kernel || at >= all.n) {
			lost += !kernel;
			continue;
		}
		last = at;
		hold(v, all.v[at].path, 1);
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
			hold(v, path, c->procs[i].n_zombies);
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
		hold(v, path, 1);
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
	if (lost)
		sight_remark(v->sight, REMARK_ZOMBIES_WITHOUT_CGROUP, .n = lost);
}

bool limits_zombies_below(const struct limits_view *v, const char *path, uint64_t *ret)
{
	uint64_t n = 0;

	if (!v->has_tree)
		return false;
	for (size_t i = 0; i < v->n_held; i++)
		if (cgroup_path_covers(path, v->held[i].path))
			n += v->held[i].zombies;
	*ret = n;
	return true;
}
