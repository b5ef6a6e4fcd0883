/* SPDX-License-Identifier: MIT */
#include "render/tree.h"

#include <inttypes.h>

#include "base/memstream.h"
#include "case/tree/branches.h"
#include "render/text.h"
#include "show/show.h"
#include "words/label.h"
#include "words/plural.h"
#include "words/tokens.h"

#define GROUP_FROM 4   /* so many zombies of one name become one line */
#define MOST_NUMBERS 6 /* that such a line names */

/* The branches, and the tree that they become. */
struct drawing {
	const struct branches *branches; /* borrowed */
	bool utf8;
	struct tree tree;
};

static void put_mark(FILE *out, const char *mark)
{
	fprintf(out, "%s%s", ftell(out) > 0 ? ", " : "", mark);
}

static void put_reaper(FILE *out, const struct branches *all, const struct branch *b)
{
	const struct pidns *ns = &all->heirs.map.list[b->pidns];

	if (b->marks & MARK_SUBREAPER)
		put_mark(out, b->marks & MARK_INFERRED ? "subreaper?" : "subreaper");
	if (b->marks & MARK_INIT)
		put_mark(out, b->marks & MARK_INFERRED ? "init?" : "init");
	if (!(b->marks & MARK_INIT) && !b->enters_pidns)
		return;
	put_mark(out, "pidns ");
	if (ns->inode)
		fprintf(out, "%" PRIu64, ns->inode);
	else
		fputc('?', out);
}

static char *mark_text(const struct drawing *d, const struct branch *b)
{
	const struct process *p = b->process;
	char *text = NULL;
	size_t size;
	FILE *out = memstream_open(&text, &size);

	if (b->marks & MARK_ZOMBIE)
		put_mark(out, "zombie");
	if (b->marks & MARK_ORPHAN)
		put_mark(out, "orphan");
	put_reaper(out, d->branches, b);
	if (b->enters_container) {
		auto_free char *label = container_label(&b->details->container, d->utf8);

		put_mark(out, label);
	}
	if (p->n_zombies) {
		put_mark(out, "holds ");
		fprintf(out, "%u zombie%s", p->n_zombies, plural_s(p->n_zombies));
	}
	if (b->has_reaps && (b->holds_adopted || b->reaps != TRI_UNKNOWN)) {
		put_mark(out, "reaps: ");
		fputs(reaps_name(b->reaps), out);
	}
	fclose(out);
	return text;
}

/* A reaper that holds zombies is not well: red where it does not reap, yellow where that is not known */
static enum style style_of(const struct branch *b)
{
	if (b->marks & MARK_ZOMBIE)
		return STYLE_RED;
	if (b->has_reaps && b->reaps != TRI_YES)
		return b->reaps == TRI_NO ? STYLE_RED : STYLE_YELLOW;
	if (b->marks & MARK_ORPHAN)
		return STYLE_YELLOW;
	return b->marks & (MARK_INIT | MARK_SUBREAPER) ? STYLE_GREEN : STYLE_PLAIN;
}

static const char *shape_of(unsigned marks)
{
	return marks & MARK_ZOMBIE		    ? "octagon" :
	       marks & (MARK_INIT | MARK_SUBREAPER) ? "house" :
						      "box";
}

static void add_process(struct drawing *d, const struct branch *b)
{
	const char *raw = b->process->comm;
	auto_free char *comm = text_printable(raw, strlen(raw), d->utf8);

	tree_add(&d->tree, b->depth, style_of(b), xasprintf("%d %s", b->process->pid, comm),
		 mark_text(d, b), shape_of(b->marks), b->pidns);
}

static void add_fold(struct drawing *d, size_t n, size_t depth, size_t group)
{
	if (n)
		tree_add(&d->tree, depth, STYLE_DIM,
			 xasprintf("%s%zu other%s", d->utf8 ? "… " : "... ", n, plural_s(n)),
			 xstrdup(""), "plaintext", group);
}

static bool is_alike(const struct branch *a, const struct branch *b)
{
	return a->process->ppid == b->process->ppid && streq(a->process->comm, b->process->comm) &&
	       a->marks == b->marks && a->pidns == b->pidns && a->depth == b->depth;
}

/* How many zombies of one name, without children, follow each other from there on */
static size_t count_alike(const struct branches *all, size_t from)
{
	size_t n = 0;

	if (!(all->list[from].marks & MARK_ZOMBIE))
		return 1;
	while (from + n < all->n && is_alike(&all->list[from], &all->list[from + n]) &&
	       all->list[from + n].process->first_child == CENSUS_NONE)
		n++;
	return n ? n : 1;
}

static void add_alike(struct drawing *d, const struct branch *first, size_t n)
{
	const char *raw = first->process->comm;
	auto_free char *comm = text_printable(raw, strlen(raw), d->utf8);
	char *text = NULL;
	size_t size;
	FILE *out = memstream_open(&text, &size);

	fprintf(out, "%szombies:", first->marks & MARK_ORPHAN ? "orphaned " : "");
	for (size_t i = 0; i < n && i < MOST_NUMBERS; i++)
		fprintf(out, " %d", first[i].process->pid);
	if (n > MOST_NUMBERS)
		fprintf(out, " and %zu more", n - MOST_NUMBERS);
	fclose(out);
	tree_add(&d->tree, first->depth, STYLE_RED,
		 xasprintf("%s %s%zu", comm, d->utf8 ? "×" : "x", n), text, "octagon",
		 first->pidns);
}

/* What was folded below the processes that the walk has left */
static void close_folds(struct drawing *d, const struct branch **open, size_t *n_open, size_t depth)
{
	while (*n_open > depth) {
		const struct branch *b = open[--*n_open];

		add_fold(d, b->folded, *n_open + 1, b->pidns);
	}
}

static void add_groups(struct drawing *d)
{
	const struct pidns_map *map = &d->branches->heirs.map;
	struct tree *t = &d->tree;

	for (size_t i = 0; i < map->n; i++) {
		const struct pidns *ns = &map->list[i];

		ARRAY_GROW(t->groups, t->n_groups, t->groups_cap);
		t->groups[t->n_groups++] = (struct tree_group){
			ns->parent < 0 ? xstrdup("") :
			ns->inode      ? xasprintf("PID namespace %" PRIu64, ns->inode) :
					 xstrdup("PID namespace ?"),
			ns->parent
		};
	}
}

static void draw(const struct answer *a, struct drawing *ret)
{
	const struct branches *all = a->facts;
	auto_free const struct branch **open = xcalloc(all->n + 1, sizeof(*open));
	size_t n_open = 0;

	*ret = (struct drawing){ .branches = all, .utf8 = a->terminal->utf8 };
	add_groups(ret);
	for (size_t i = 0; i < all->n;) {
		const struct branch *b = &all->list[i];
		size_t n = count_alike(all, i);

		close_folds(ret, open, &n_open, b->depth);
		if (n >= GROUP_FROM) {
			add_alike(ret, b, n);
			i += n;
		} else {
			add_process(ret, b);
			i++;
		}
		open[n_open++] = &all->list[i - 1];
	}
	close_folds(ret, open, &n_open, 0);
	if (!all->is_part)
		add_fold(ret, all->folded_apart, 0, 0);
}

void tree_text(const struct answer *a)
{
	struct drawing d;

	draw(a, &d);
	tree_print(&d.tree, stdout, a->terminal->width, a->terminal->color, a->terminal->utf8);
	tree_done(&d.tree);
}

void tree_dot(const struct answer *a)
{
	struct drawing d;

	draw(a, &d);
	tree_print_dot(&d.tree, stdout);
	tree_done(&d.tree);
}
