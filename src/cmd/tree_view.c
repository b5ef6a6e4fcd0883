/* SPDX-License-Identifier: MIT */
#include "cmd/cases.h"
#include "cmd/look.h"
#include "cmd/subject.h"
#include "cmd/tree.h"

#include <errno.h>

static size_t at(const struct tree_view *v, const struct process *p)
{
	return (size_t)(p - v->census->procs);
}

static bool in_scope(const struct tree_view *v, const struct process *p)
{
	struct details d;
	bool in;

	if (!v->scope.by_pidns && !v->scope.container)
		return true;
	/* a zombie is in its parent's container, as far as its cgroup tells */
	if (v->scope.container && p->state == 'Z' && census_parent(v->census, p))
		p = census_parent(v->census, p);
	if (details_read(v->census, p, WANT_STATUS | WANT_PIDNS | WANT_CGROUP, &d) < 0)
		return false;
	in = scope_has_process(&v->scope, v->census, p, &d) && scope_has_container(&v->scope, &d);
	details_done(&d);
	return in;
}

static unsigned marks_of(const struct tree_view *v, const struct process *p)
{
	unsigned marks = process_is_zombie(p) ? MARK_ZOMBIE : 0;
	bool inferred;

	if (adoption_of(&v->heirs.adoptions, v->census, p)->adopted == TRI_YES)
		marks |= MARK_ORPHAN;
	switch (heirs_kind(&v->heirs, p, &inferred)) {
	case HEIR_INIT:
		marks |= MARK_INIT;
		break;
	case HEIR_SUBREAPER:
		marks |= MARK_SUBREAPER | (inferred ? MARK_INFERRED : 0);
		break;
	default:
		break;
	}
	if (p == v->root)
		marks |= MARK_ROOT;
	return marks;
}

/* Is p the root that was asked for, or below it? Climbs at most as far as there are processes. */
static bool is_below_root(const struct tree_view *v, const struct process *p)
{
	for (size_t steps = 0; p && steps <= v->census->n; steps++) {
		if (p == v->root)
			return true;
		p = census_parent(v->census, p);
	}
	return false;
}

static void keep(struct tree_view *v, const struct process *p)
{
	while (p && !v->kept[at(v, p)]) {
		v->kept[at(v, p)] = true;
		if (p == v->root)
			return;
		p = census_parent(v->census, p);
	}
}

static void mark(struct tree_view *v)
{
	const struct census *c = v->census;

	v->marks = xcalloc(c->n, sizeof(*v->marks));
	v->kept = xcalloc(c->n, sizeof(*v->kept));
	for (size_t i = 0; i < c->n; i++)
		v->marks[i] = marks_of(v, &c->procs[i]);
	for (size_t i = 0; i < c->n; i++)
		if (v->marks[i] && (!v->root || is_below_root(v, &c->procs[i])) &&
		    in_scope(v, &c->procs[i]))
			keep(v, &c->procs[i]);
	if (v->root)
		keep(v, v->root);
}

/* What is left out counts for the nearest kept process above it */
static void fold(struct tree_view *v)
{
	const struct census *c = v->census;

	v->folded = xcalloc(c->n, sizeof(*v->folded));
	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i];

		if (v->kept[i])
			continue;
		for (size_t steps = 0; p && !v->kept[at(v, p)] && steps <= c->n; steps++)
			p = census_parent(c, p);
		if (p && v->kept[at(v, p)])
			v->folded[at(v, p)]++;
		else
			v->folded_apart++;
	}
}

int tree_view_take(struct context *ctx, pid_t root, struct tree_view *ret)
{
	int r;

	*ret = (struct tree_view){ .ctx = ctx };
	r = look_census(ctx, &ret->census);
	if (r < 0)
		return r;
	r = scope_resolve(ctx, ret->census, &ret->scope);
	if (r == 0 && root) {
		ret->root = subject_find(ret->census, root);
		r = ret->root ? 0 : -ESRCH;
	}
	if (r == 0)
		r = scope_complain_empty(&ret->scope, scope_exists(&ret->scope, ret->census));
	if (r < 0) {
		census_free(ret->census);
		return r;
	}
	heirs_prepare(ret->census, &ret->heirs);
	mark(ret);
	fold(ret);
	return 0;
}

void tree_view_done(struct tree_view *v)
{
	heirs_done(&v->heirs);
	census_free(v->census);
	free(v->marks);
	free(v->kept);
	free(v->folded);
	*v = (struct tree_view){ 0 };
}

static const struct process *kept_from(const struct tree_view *v, const struct process *p)
{
	while (p && !v->kept[at(v, p)])
		p = census_next_child(v->census, p);
	return p;
}

static bool is_top(const struct tree_view *v, const struct process *p)
{
	return v->root ? p == v->root : !census_parent(v->census, p);
}

static const struct process *next_top(const struct tree_view *v, size_t from)
{
	for (size_t i = from; i < v->census->n; i++)
		if (v->kept[i] && is_top(v, &v->census->procs[i]))
			return &v->census->procs[i];
	return NULL;
}

const struct process *tree_view_next(const struct tree_view *v, const struct process *p,
				     size_t *depth)
{
	const struct census *c = v->census;
	const struct process *next;

	if (!p) {
		*depth = 0;
		return next_top(v, 0);
	}
	next = kept_from(v, census_first_child(c, p));
	if (next) {
		++*depth;
		return next;
	}
	while (!is_top(v, p)) {
		next = kept_from(v, census_next_child(c, p));
		if (next)
			return next;
		p = census_parent(c, p);
		--*depth;
	}
	return v->root ? NULL : next_top(v, at(v, p) + 1);
}
