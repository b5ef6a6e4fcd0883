/* SPDX-License-Identifier: MIT */
/* coroner tree: the branches that hold zombies, orphans or reapers. */
#include "cmd/tree.h"

#include <inttypes.h>

#include "base/duration.h"
#include "cmd/missing.h"
#include "render/json.h"
#include "render/label.h"
#include "render/text.h"
#include "render/tree.h"

#define GROUP_FROM 4   /* so many zombies of one name become one line */
#define MOST_NUMBERS 6 /* that such a line names */

struct tree_options {
	bool dot;
};

enum {
	OPT_DOT = 256,
};

static const struct option_spec options[] = {
	{ OPT_DOT, "dot", NULL, "for Graphviz: coroner tree --dot | dot -Tsvg" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct tree_options *o = own;

	(void)id;
	(void)argument;
	(void)ret_error;
	o->dot = true;
	return 0;
}

static const struct pidns *pidns_of(const struct tree_view *v, const struct process *p)
{
	return &v->heirs.map.list[v->heirs.map.of[p - v->census->procs]];
}

static void put_mark(FILE *out, const char *mark)
{
	fprintf(out, "%s%s", ftell(out) > 0 ? ", " : "", mark);
}

/* The container of an init or of whoever is the first below its parent to be in another one */
static char *container_of(const struct tree_view *v, const struct process *p)
{
	const struct process *parent = census_parent(v->census, p);
	struct details d, above = { 0 };
	char *label = NULL;

	if (p->state == 'Z' || details_read(v->census, p, WANT_CGROUP, &d) < 0)
		return NULL;
	if (parent && details_read(v->census, parent, WANT_CGROUP, &above) < 0)
		above = (struct details){ 0 };
	if (d.in_container && !(above.in_container && streq(above.container.id, d.container.id)))
		label = container_label(&d.container, v->ctx->utf8);
	details_done(&d);
	details_done(&above);
	return label;
}

static char *mark_text(const struct tree_view *v, const struct process *p)
{
	const struct process *parent = census_parent(v->census, p);
	const struct pidns *ns = pidns_of(v, p);
	unsigned marks = tree_marks(v, p);
	auto_free char *container = container_of(v, p);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup("");
	if (marks & MARK_ZOMBIE)
		put_mark(out, "zombie");
	if (marks & MARK_ORPHAN)
		put_mark(out, "orphan");
	if (marks & MARK_SUBREAPER)
		put_mark(out, marks & MARK_INFERRED ? "subreaper?" : "subreaper");
	if (marks & MARK_INIT)
		put_mark(out, "init");
	if ((marks & MARK_INIT) || (parent && pidns_of(v, parent) != ns)) {
		put_mark(out, "pidns ");
		if (ns->inode)
			fprintf(out, "%" PRIu64, ns->inode);
		else
			fputc('?', out);
	}
	if (container)
		put_mark(out, container);
	if (p->n_zombies) {
		put_mark(out, "holds ");
		fprintf(out, "%u zombie%s", p->n_zombies, p->n_zombies == 1 ? "" : "s");
	}
	fclose(out);
	return text;
}

static enum style style_of(unsigned marks)
{
	return marks & MARK_ZOMBIE		    ? STYLE_RED :
	       marks & MARK_ORPHAN		    ? STYLE_YELLOW :
	       marks & (MARK_INIT | MARK_SUBREAPER) ? STYLE_GREEN :
						      STYLE_PLAIN;
}

static const char *shape_of(unsigned marks)
{
	return marks & MARK_ZOMBIE		    ? "octagon" :
	       marks & (MARK_INIT | MARK_SUBREAPER) ? "house" :
						      "box";
}

static size_t group_of(const struct tree_view *v, const struct process *p)
{
	return v->heirs.map.of[p - v->census->procs];
}

static void add_process(const struct tree_view *v, struct tree *t, const struct process *p,
			size_t depth)
{
	unsigned marks = tree_marks(v, p);
	auto_free char *comm = text_printable(p->comm, strlen(p->comm), v->ctx->utf8);

	tree_add(t, depth, style_of(marks), xasprintf("%d %s", p->pid, comm), mark_text(v, p),
		 shape_of(marks), group_of(v, p));
}

static void add_fold(const struct tree_view *v, struct tree *t, size_t n, size_t depth,
		     size_t group)
{
	if (n)
		tree_add(t, depth, STYLE_DIM,
			 xasprintf("%s%zu other%s", v->ctx->utf8 ? "… " : "... ", n,
				   n == 1 ? "" : "s"),
			 xstrdup(""), "plaintext", group);
}

static bool is_alike(const struct tree_view *v, const struct process *a, const struct process *b)
{
	return a->ppid == b->ppid && streq(a->comm, b->comm) &&
	       tree_marks(v, a) == tree_marks(v, b) && group_of(v, a) == group_of(v, b);
}

/* How many zombies of one name follow each other from p on; *ret_last is the last of them */
static size_t count_alike(const struct tree_view *v, const struct process *p,
			  const struct process **ret_last)
{
	const struct process *next = p;
	size_t n = 0;

	*ret_last = p;
	if (!(tree_marks(v, p) & MARK_ZOMBIE))
		return 1;
	while (next && is_alike(v, p, next) && next->first_child == CENSUS_NONE) {
		*ret_last = next;
		n++;
		next = census_next_child(v->census, next);
	}
	return n ? n : 1;
}

static void add_alike(const struct tree_view *v, struct tree *t, const struct process *p, size_t n,
		      size_t depth)
{
	unsigned marks = tree_marks(v, p);
	auto_free char *comm = text_printable(p->comm, strlen(p->comm), v->ctx->utf8);
	const struct process *next = p;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	fprintf(out, "%szombies:", marks & MARK_ORPHAN ? "orphaned " : "");
	for (size_t i = 0; i < n && i < MOST_NUMBERS; i++) {
		fprintf(out, " %d", next->pid);
		next = census_next_child(v->census, next);
	}
	if (n > MOST_NUMBERS)
		fprintf(out, " and %zu more", n - MOST_NUMBERS);
	fclose(out);
	tree_add(t, depth, STYLE_RED, xasprintf("%s %s%zu", comm, v->ctx->utf8 ? "×" : "x", n),
		 text, "octagon", group_of(v, p));
}

/* What was folded below the processes that the walk has left */
static void close_folds(const struct tree_view *v, struct tree *t, const struct process **open,
			size_t *n_open, size_t depth)
{
	while (*n_open > depth) {
		const struct process *p = open[--*n_open];

		add_fold(v, t, v->folded[p - v->census->procs], *n_open + 1, group_of(v, p));
	}
}

static void add_groups(const struct tree_view *v, struct tree *t)
{
	for (size_t i = 0; i < v->heirs.map.n; i++) {
		const struct pidns *ns = &v->heirs.map.list[i];

		ARRAY_GROW(t->groups, t->n_groups, t->groups_cap);
		t->groups[t->n_groups++] = (struct tree_group){
			ns->parent < 0 ? xstrdup("") :
			ns->inode      ? xasprintf("PID namespace %" PRIu64, ns->inode) :
					 xstrdup("PID namespace ?"),
			ns->parent
		};
	}
}

static void build(const struct tree_view *v, struct tree *t)
{
	auto_free const struct process **open = xcalloc(v->census->n + 1, sizeof(*open));
	const struct process *p = NULL, *last;
	size_t depth = 0, n_open = 0, steps = 0;

	add_groups(v, t);
	while ((p = tree_view_next(v, p, &depth)) && steps++ <= v->census->n) {
		size_t n = count_alike(v, p, &last);

		close_folds(v, t, open, &n_open, depth);
		if (n >= GROUP_FROM) {
			add_alike(v, t, p, n, depth);
			p = last;
		} else {
			add_process(v, t, p, depth);
		}
		open[n_open++] = p;
	}
	close_folds(v, t, open, &n_open, 0);
	if (!v->root && v->folded_apart)
		add_fold(v, t, v->folded_apart, 0, 0);
}

static json_t *marks_json(unsigned marks)
{
	static const char *const names[] = { "zombie", "orphan", "init", "subreaper" };
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (marks & 1u << i)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *node_json(const struct tree_view *v, const struct process *p)
{
	unsigned want = WANT_STATUS | WANT_PIDNS | WANT_CGROUP;
	struct details d, *list = &d;
	json_t *o;

	if (details_read(v->census, p, want, &d) < 0)
		details_unread(p, &d);
	else
		details_read_cmdlines(v->census, &list, 1);
	pidns_conclude(&v->heirs.map, v->census, p, &d);
	o = json_process(v->census, &d);
	details_done(&d);
	json_object_set_new(o, "marks", marks_json(tree_marks(v, p)));
	json_object_set_new(o, "zombies", json_integer(p->n_zombies));
	json_object_set_new(o, "folded", json_integer((json_int_t)v->folded[p - v->census->procs]));
	json_object_set_new(o, "children", json_array());
	return o;
}

static void print_json(struct tree_view *v)
{
	auto_free json_t **above = xcalloc(v->census->n + 1, sizeof(json_t *));
	json_t *roots = json_array(), *body = json_object();
	const struct process *p = NULL;
	size_t depth = 0, steps = 0;

	while ((p = tree_view_next(v, p, &depth)) && steps++ <= v->census->n) {
		json_t *node = node_json(v, p);

		above[depth] = node;
		json_array_append_new(depth ? json_object_get(above[depth - 1], "children") : roots,
				      node);
	}
	json_object_set_new(body, "tree", roots);
	json_object_set_new(body, "folded", json_integer((json_int_t)v->folded_apart));
	(void)json_print(json_top("tree", v->census, v->ctx->notes, v->ctx->n_notes, body), stdout);
}

/* Of the namespaces that something is drawn of */
static void note_missing(const struct tree_view *v)
{
	auto_free bool *drawn = xcalloc(v->heirs.map.n, sizeof(*drawn));
	struct missing missing = { 0 };

	for (size_t i = 0; i < v->census->n; i++)
		drawn[v->heirs.map.of[i]] |= v->kept[i];
	for (size_t i = 0; i < v->heirs.map.n; i++)
		if (drawn[i])
			missing_add_pidns(&missing, v->census, &v->heirs.map, i);
	missing_note(v->ctx, &missing);
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	const struct tree_options *o = own;
	struct tree t = { 0 };
	struct tree_view v;
	pid_t root = 0;

	if (ctx->options.json && o->dot) {
		complain("tree: --json and --dot contradict each other");
		return EXIT_USAGE;
	}
	if (n_args && parse_pids(1, args, &root) < 0)
		return EXIT_USAGE;
	if (tree_view_take(ctx, root, &v) < 0)
		return EXIT_NOT_DONE;
	note_missing(&v);
	if (ctx->options.json) {
		print_json(&v);
	} else {
		build(&v, &t);
		if (o->dot)
			tree_print_dot(&t, stdout);
		else
			tree_print(&t, stdout, ctx->width, ctx->color, ctx->utf8);
		tree_done(&t);
	}
	tree_view_done(&v);
	return EXIT_DONE;
}

const struct command command_tree = {
	.name = "tree",
	.arguments = "[PID]",
	.summary = "Show the branches with zombies, orphans or reapers",
	.options = options,
	.own_size = sizeof(struct tree_options),
	.take_option = take_option,
	.run = run,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
};
