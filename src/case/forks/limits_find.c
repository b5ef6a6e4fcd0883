/* SPDX-License-Identifier: MIT */
#include "case/forks/limits_find.h"

#include "inspect/details.h"
#include "limits/kernel.h"

#define NEAR_PERCENT 50 /* from here on a user is near its limit */

/* What the scope leaves in sight. */
struct in_scope {
	bool all;
	struct cgroup_counts cgroups; /* owned; of its processes */
	uint64_t n;		      /* how many of these have a known one */
	bool *pidns;		      /* owned; parallel to the map's list */
};

static struct limit_case *new_case(struct limits_found *f)
{
	ARRAY_GROW(f->cases, f->n, f->cap);
	return &f->cases[f->n++];
}

bool limits_in_scope(const struct limits_view *v, const struct scope *scope,
		     const struct process *p)
{
	return scope_holds(scope, v->census, p);
}

static void look(const struct limits_view *v, const struct scope *scope, struct in_scope *ret,
		 struct limits_found *f)
{
	ret->all = !scope->by_pidns && !scope->container;
	ret->pidns = xcalloc(v->pidns.n, sizeof(*ret->pidns));
	for (size_t i = 0; i < v->census->n; i++) {
		const struct process *p = &v->census->procs[i];
		auto_free char *path = NULL;

		if (process_is_zombie(p) || !limits_in_scope(v, scope, p))
			continue;
		f->n_in_scope++;
		ret->pidns[v->pidns.of[i]] = true;
		path = v->has_tree && !ret->all ? limits_cgroup_of(v, p) : NULL;
		if (!path)
			continue;
		cgroup_counts_add(&ret->cgroups, path, 1);
		ret->n++;
	}
	cgroup_counts_sort(&ret->cgroups);
}

static bool concerns(const struct in_scope *in, const char *path)
{
	return in->all || cgroup_counts_has_below(&in->cgroups, path);
}

/* Whether a cgroup is one of the scope's processes or of the container around them, none further up */
static bool is_own(const struct in_scope *in, const struct scope *scope, const char *path)
{
	struct container c;

	if (in->all)
		return true;
	if (container_from_path(path, &c))
		return !scope->container || scope_names(scope, &c);
	return cgroup_counts_has(&in->cgroups, path);
}

static void count_refused(struct limits_found *f, const struct cgroup_level *level)
{
	f->has_refused |= level->has_refused;
	f->refused += level->refused;
	if (!level->refused)
		return;
	ARRAY_GROW(f->counts, f->n_counts, f->cap_counts);
	f->counts[f->n_counts++] = (struct refused_now){ level->id, level->refused };
}

static void find_cgroups(struct limits_view *v, const struct in_scope *in,
			 const struct scope *scope, struct limits_found *f)
{
	struct cgroup_levels all = { 0 };

	if (!v->has_tree)
		return;
	(void)cgroup_walk(&v->tree, false, &all); /* says itself what it did not see */
	for (size_t i = 0; i < all.n; i++) {
		const struct cgroup_level *level = &all.v[i];

		if (!concerns(in, level->path))
			continue;
		if (is_own(in, scope, level->path))
			count_refused(f, level);
		if (level->max != CGROUP_UNLIMITED)
			limits_of_cgroup(v, level->path, new_case(f));
	}
	/* of a scope that is in none but the root, no limit has refused anything */
	f->has_refused |= !in->all && v->tree.whole && in->n == f->n_in_scope;
	/* a tree without a cgroup has refused nothing */
	f->has_refused |= all.n == 0 && v->tree.whole;
	if (all.cut)
		sight_remark(v->sight, REMARK_CGROUPS_CUT);
	if (all.unread)
		sight_remark(v->sight, REMARK_CGROUPS_UNREAD);
	f->unread |= all.unread || all.cut;
	cgroup_levels_done(&all);
}

/* Whether some level of it is finite and, unless all are wanted, more than half full */
static bool is_near(const struct limit_case *c, bool all)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct limit *l = &c->limits[i];

		if (l->applies && l->has_headroom && (all || limit_usage(l) >= NEAR_PERCENT))
			return true;
	}
	return false;
}

static void find_users(struct limits_view *v, bool all, struct limits_found *f)
{
	for (size_t i = 0; i < v->users.n; i++) {
		struct limit_case *c;

		if (!v->users.v[i].pid)
			continue;
		c = new_case(f);
		limits_of_user(v, &v->users.v[i], c);
		if (is_near(c, all))
			continue;
		limit_case_done(c);
		f->n--;
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

/*
 * Whether a limit that is told to everybody was not read: since 6.14 pid_max of a PID namespace that is not the reader's
 * own is told by BPF alone, and a remark of headroom's says so
 */
static bool is_unread(const struct limits_view *v, const struct limit *l)
{
	const struct pidns *ns = l->kind == LIMIT_PID_MAX && l->at >= 0 ? &v->pidns.list[l->at] :
									  NULL;

	if (l->unread)
		return true;
	if (l->has_max || l->exhausted || l->dead)
		return false;
	if (l->kind == LIMIT_THREADS_MAX)
		return kernel_has_number(v->sight->procfd, "threads-max");
	return ns && kernel_has_number(v->sight->procfd, "pid_max") &&
	       ((ns->depth == 0 && v->sight->own_proc) || !pid_max_is_per_namespace() ||
		census_pidns_find(v->census, ns->inode));
}

/* Whether it was, which is noted then */
static bool note_unread(const struct limits_view *v, const struct limit *l)
{
	if (!is_unread(v, l))
		return false;
	sight_remark(v->sight, l->unread ? REMARK_LIMIT_USE_UNREAD : REMARK_LIMIT_UNREAD,
		     .text = limit_kind_name(l->kind));
	return true;
}

void limits_note_unread(const struct limits_view *v, const struct limit_case *c)
{
	for (size_t i = 0; i < c->n; i++)
		(void)note_unread(v, &c->limits[i]);
}

static void find_unread(const struct limits_view *v, struct limits_found *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct limit_case *c = &f->cases[i];

		/* those above are cases of their own */
		f->unread |= c->n > 0 && note_unread(v, &c->limits[0]);
		/* of a cgroup that has one, and is there: a remark says so already */
		f->unread |= c->n == 0 && !c->hidden;
	}
}

void limits_find(struct limits_view *v, const struct scope *scope, bool all_users,
		 struct limits_found *ret)
{
	struct in_scope in = { 0 };

	*ret = (struct limits_found){ 0 };
	look(v, scope, &in, ret);
	find_cgroups(v, &in, scope, ret);
	for (size_t i = 0; i < v->pidns.n; i++)
		if (in.pidns[i])
			limits_of_pidns(v, i, new_case(ret));
	if (in.all) {
		find_users(v, all_users, ret);
		limits_of_machine(v, new_case(ret));
	}
	if (ret->n > 0)
		qsort(ret->cases, ret->n, sizeof(*ret->cases), compare_cases);
	find_unread(v, ret);
	cgroup_counts_done(&in.cgroups);
	free(in.pidns);
}

void limits_found_done(struct limits_found *f)
{
	for (size_t i = 0; i < f->n; i++)
		limit_case_done(&f->cases[i]);
	free(f->cases);
	free(f->counts);
	*f = (struct limits_found){ 0 };
}
