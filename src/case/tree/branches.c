/* SPDX-License-Identifier: MIT */
#include "case/tree/branches.h"

#include <errno.h>

#include "case/asked.h"
#include "case/missing.h"
#include "case/scope.h"
#include "case/tree/walk.h"
#include "inspect/cmdline.h"

struct walk {
	struct branches *all;
	struct scope scope;
	struct tree_walk tree;
	unsigned *marks; /* owned; parallel to census->procs, as the next */
	bool *wanted;	 /* owned */
};

static unsigned marks_of(const struct walk *w, const struct process *p)
{
	unsigned marks = process_is_zombie(p) ? MARK_ZOMBIE : 0;
	bool inferred;

	if (adoption_of(&w->all->heirs.adoptions, w->all->census, p)->adopted == TRI_YES)
		marks |= MARK_ORPHAN;
	switch (heirs_kind(&w->all->heirs, p, &inferred)) {
	case HEIR_INIT:
		marks |= MARK_INIT | (inferred ? MARK_INFERRED : 0);
		break;
	case HEIR_SUBREAPER:
		marks |= MARK_SUBREAPER | (inferred ? MARK_INFERRED : 0);
		break;
	default:
		break;
	}
	if (p == w->tree.root)
		marks |= MARK_ROOT;
	return marks;
}

static void mark(struct walk *w)
{
	const struct census *c = w->all->census;

	w->marks = xcalloc(c->n, sizeof(*w->marks));
	w->wanted = xcalloc(c->n, sizeof(*w->wanted));
	for (size_t i = 0; i < c->n; i++) {
		w->marks[i] = marks_of(w, &c->procs[i]);
		w->wanted[i] = w->marks[i] && scope_holds(&w->scope, c, &c->procs[i]);
	}
	w->tree.census = c;
	w->tree.wanted = w->wanted;
}

static size_t pidns_at(const struct walk *w, const struct process *p)
{
	return w->all->heirs.map.of[p - w->all->census->procs];
}

/* Whether it is the first below its parent that is in its container */
static bool enters_container(const struct census *c, const struct process *p,
			     const struct details *d)
{
	const struct process *parent = census_parent(c, p);
	struct details above = { 0 };
	bool same;

	if (!d->in_container)
		return false;
	if (parent && details_read(c, parent, WANT_CGROUP, &above) < 0)
		above = (struct details){ 0 };
	same = above.in_container && streq(above.container.id, d->container.id);
	details_done(&above);
	return !same;
}

static void read_details(const struct walk *w, bool whole, struct branch *b)
{
	const struct census *c = w->all->census;
	const struct process *p = b->process;

	if (p->state == 'Z' && !whole)
		return;
	b->details = xcalloc(1, sizeof(*b->details));
	if (details_read(c, p, whole ? WANT_STATUS | WANT_PIDNS | WANT_CGROUP : WANT_CGROUP,
			 b->details) < 0)
		details_unread(p, b->details);
	if (whole)
		pidns_conclude(&w->all->heirs.map, c, p, b->details);
	b->enters_container = p->state != 'Z' && enters_container(c, p, b->details);
}

/* An init or subreaper that holds zombies may be the one to blame */
static void look_as_reaper(struct sight *sight, const struct walk *w, struct branch *b)
{
	struct reaper_view view;

	if (!(b->marks & (MARK_INIT | MARK_SUBREAPER)) || b->process->n_zombies == 0 ||
	    b->process->state == 'Z' ||
	    reaper_look(sight, w->all->census, &w->all->heirs.adoptions, b->process, TRI_UNKNOWN,
			&view) < 0)
		return;
	b->has_reaps = true;
	b->reaps = view.reaps.answer;
	b->holds_adopted = view.adopted_zombies > 0;
	reaper_view_done(&view);
}

static void list_kept(struct sight *sight, const struct walk *w)
{
	struct branches *all = w->all;
	const struct process *p = NULL;
	size_t depth = 0;

	/* no cycle of parents, whatever a census of a fake proc says */
	while ((p = tree_walk_next(&w->tree, p, &depth)) && all->n <= all->census->n) {
		const struct process *parent = census_parent(all->census, p);
		const size_t at = (size_t)(p - all->census->procs);
		struct branch b = {
			.process = p,
			.depth = depth,
			.marks = w->marks[at],
			.folded = w->tree.folded[at],
			.pidns = pidns_at(w, p),
			.enters_pidns = parent && pidns_at(w, parent) != pidns_at(w, p),
		};

		read_details(w, sight->whole, &b);
		look_as_reaper(sight, w, &b);
		ARRAY_GROW(all->list, all->n, all->cap);
		all->list[all->n++] = b;
	}
}

static void read_cmdlines(struct branches *all)
{
	auto_free struct details **list = xcalloc(all->n, sizeof(*list));

	for (size_t i = 0; i < all->n; i++)
		list[i] = all->list[i].details;
	details_read_cmdlines(all->census, list, all->n);
}

/* Of the namespaces that something is drawn of */
static void note_missing(struct sight *sight, const struct branches *all)
{
	auto_free bool *drawn = xcalloc(all->heirs.map.n, sizeof(*drawn));
	struct missing missing = { 0 };

	for (size_t i = 0; i < all->n; i++)
		drawn[all->list[i].pidns] = true;
	for (size_t i = 0; i < all->heirs.map.n; i++)
		if (drawn[i])
			missing_add_pidns(&missing, all->census, &all->heirs.map, i);
	heirs_note_untold(sight, &all->heirs.map, drawn);
	missing_note(sight, &missing);
}

static void gather(struct sight *sight, struct walk *w)
{
	heirs_prepare(w->all->census, &w->all->heirs);
	mark(w);
	tree_walk_begin(&w->tree);
	w->all->folded_apart = w->tree.folded_apart;
	list_kept(sight, w);
	note_missing(sight, w->all);
	if (sight->whole)
		read_cmdlines(w->all);
	tree_walk_end(&w->tree);
	free(w->marks);
	free(w->wanted);
}

int branches_collect(struct sight *sight, pid_t root, struct branches *ret)
{
	struct walk w = { .all = ret };
	int r = scope_census(sight, &ret->census, &w.scope);

	if (r < 0)
		return r;
	if (root) {
		r = asked_find(sight, ret->census, &w.scope, root, &w.tree.root);
		if (r < 0)
			return r;
	}
	r = scope_complain_empty(sight, &w.scope, scope_exists(&w.scope, ret->census));
	if (r < 0)
		return r;
	ret->is_part = root != 0;
	gather(sight, &w);
	return 0;
}

void branches_done(struct branches *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->list[i].details)
			details_done(b->list[i].details);
		free(b->list[i].details);
	}
	free(b->list);
	if (b->census)
		heirs_done(&b->heirs);
	census_free(b->census);
}
