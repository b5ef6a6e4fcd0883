/* SPDX-License-Identifier: MIT */
#include "cmd/limits_find.h"

#include "inspect/details.h"

#define NEAR_PERCENT 50 /* from here on a user is near its limit */

/* What the scope leaves in sight. */
struct in_scope {
	bool all;
	char **paths; /* owned, each; of the cgroups of its processes */
	size_t n, cap;
	bool *pidns; /* owned; parallel to the map's list */
};

static struct limit_case *new_case(struct limits_found *f)
{
	ARRAY_GROW(f->cases, f->n, f->cap);
	return &f->cases[f->n++];
}

bool limits_in_scope(const struct limits_view *v, const struct scope *scope,
		     const struct process *p)
{
	struct details d;
	bool in;

	if (!scope->by_pidns && !scope->container)
		return true;
	if (details_read(v->census, p, WANT_PIDNS | WANT_CGROUP, &d) < 0)
		return false;
	in = scope_has_process(scope, v->census, p, &d) && scope_has_container(scope, &d);
	details_done(&d);
	return in;
}

static void look(const struct limits_view *v, const struct scope *scope, struct in_scope *ret,
		 struct limits_found *f)
{
	ret->all = !scope->by_pidns && !scope->container;
	ret->pidns = xcalloc(v->pidns.n, sizeof(*ret->pidns));
	for (size_t i = 0; i < v->census->n; i++) {
		const struct process *p = &v->census->procs[i];
		char *path;

		if (process_is_zombie(p) || !limits_in_scope(v, scope, p))
			continue;
		f->n_in_scope++;
		ret->pidns[v->pidns.of[i]] = true;
		path = v->has_tree && !ret->all ? limits_cgroup_of(v, p->pid) : NULL;
		if (!path)
			continue;
		ARRAY_GROW(ret->paths, ret->n, ret->cap);
		ret->paths[ret->n++] = path;
	}
}

static bool concerns(const struct in_scope *in, const char *path)
{
	for (size_t i = 0; i < in->n; i++)
		if (cgroup_path_covers(path, in->paths[i]))
			return true;
	return in->all;
}

static void find_cgroups(struct limits_view *v, const struct in_scope *in, struct limits_found *f)
{
	struct cgroup_levels all = { 0 };

	if (!v->has_tree)
		return;
	(void)cgroup_walk(&v->tree, false, &all); /* says itself what it did not see */
	for (size_t i = 0; i < all.n; i++) {
		const struct cgroup_level *level = &all.v[i];

		if (!concerns(in, level->path))
			continue;
		f->has_refused |= level->has_refused;
		f->refused += level->refused;
		if (level->max != CGROUP_UNLIMITED)
			limits_of_cgroup(v, level->path, new_case(f));
	}
	/* a tree without a cgroup has refused nothing */
	f->has_refused |= all.n == 0 && v->tree.whole;
	if (all.cut)
		context_note(v->ctx, "there are more cgroups than are looked at");
	if (all.hidden && v->tree.whole)
		context_note(v->ctx, "some cgroups cannot be read: they are not shown");
	cgroup_levels_done(&all);
}

static void find_users(struct limits_view *v, bool all, struct limits_found *f)
{
	for (size_t i = 0; i < v->users.n; i++) {
		const struct nproc_user *u = &v->users.v[i];

		if (u->has_limit && (all || u->tasks * 100 >= u->limit * NEAR_PERCENT))
			limits_of_user(v, u, new_case(f));
	}
}

static int compare_cases(const void *a, const void *b)
{
	const struct headroom *x = &((const struct limit_case *)a)->answer;
	const struct headroom *y = &((const struct limit_case *)b)->answer;

	/* what is not known comes last */
	if (x->has_total != y->has_total)
		return x->has_total ? -1 : 1;
	return (x->total > y->total) - (x->total < y->total);
}

void limits_find(struct limits_view *v, const struct scope *scope, bool all_users,
		 struct limits_found *ret)
{
	struct in_scope in = { 0 };

	*ret = (struct limits_found){ 0 };
	look(v, scope, &in, ret);
	find_cgroups(v, &in, ret);
	for (size_t i = 0; i < v->pidns.n; i++)
		if (in.pidns[i])
			limits_of_pidns(v, i, new_case(ret));
	if (in.all) {
		find_users(v, all_users, ret);
		limits_of_machine(v, new_case(ret));
	}
	if (ret->n > 0)
		qsort(ret->cases, ret->n, sizeof(*ret->cases), compare_cases);
	for (size_t i = 0; i < in.n; i++)
		free(in.paths[i]);
	free(in.paths);
	free(in.pidns);
}

void limits_found_done(struct limits_found *f)
{
	for (size_t i = 0; i < f->n; i++)
		limit_case_done(&f->cases[i]);
	free(f->cases);
	*f = (struct limits_found){ 0 };
}
