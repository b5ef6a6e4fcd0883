/* SPDX-License-Identifier: MIT */
#include "render/tree.h"

#include "base/base.h"
#include "base/decimal.h"
#include "render/text.h"

#define INDENT 3       /* columns a level */
#define MOST_LEVELS 60 /* that are drawn, however wide a line may be */
#define LABEL_ROOM 24  /* columns that are left for what a line says */

void tree_add(struct tree *t, size_t depth, enum style style, char *label, char *marks,
	      const char *shape, size_t group)
{
	ARRAY_GROW(t->nodes, t->n, t->cap);
	t->nodes[t->n++] = (struct tree_node){ depth, style, label, marks, shape, group };
}

void tree_done(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->nodes[i].label);
		free(t->nodes[i].marks);
	}
	for (size_t i = 0; i < t->n_groups; i++)
		free(t->groups[i].label);
	free(t->nodes);
	free(t->groups);
	*t = (struct tree){ 0 };
}

static size_t deepest(const struct tree *t)
{
	size_t depth = 0;

	for (size_t i = 0; i < t->n; i++)
		depth = t->nodes[i].depth > depth ? t->nodes[i].depth : depth;
	return depth;
}

/* For each node, whether a sibling comes after it */
static bool *find_siblings(const struct tree *t)
{
	auto_free bool *seen = xcalloc(deepest(t) + 2, sizeof(*seen));
	bool *more = xcalloc(t->n, sizeof(*more));

	for (size_t i = t->n; i-- > 0;) {
		size_t depth = t->nodes[i].depth;

		more[i] = seen[depth];
		seen[depth] = true;
		seen[depth + 1] = false;
	}
	return more;
}

/* Deeper ones stand in the last of these, with their depth: a line shall have room for what it says */
static size_t levels_drawn(size_t width)
{
	size_t room = (width > 2 * LABEL_ROOM ? width - LABEL_ROOM : width / 2) / INDENT;

	return width == 0 || room > MOST_LEVELS ? MOST_LEVELS : room;
}

static void put_node(FILE *out, const struct tree_node *n, bool deeper, size_t room, bool color)
{
	char depth[DECIMAL_SIZE + 4] = "";
	size_t label, used;

	if (deeper)
		snprintf(depth, sizeof(depth), "[%zu] ", n->depth);
	room -= strlen(depth) < room ? strlen(depth) : room;
	label = text_fit(n->label, room);
	used = text_width(n->label);
	fprintf(out, "%s%s%s", style_on(STYLE_DIM, color && deeper), depth,
		style_off(STYLE_DIM, color && deeper));
	fprintf(out, "%s%.*s%s", style_on(n->style, color), (int)label, n->label,
		style_off(n->style, color));
	if (n->marks[0] && used + 2 < room)
		fprintf(out, "  %s%.*s%s", style_on(STYLE_DIM, color),
			(int)text_fit(n->marks, room - used - 2), n->marks,
			style_off(STYLE_DIM, color));
	fputc('\n', out);
}

void tree_print(const struct tree *t, FILE *out, size_t width, bool color, bool utf8)
{
	const char *branch = utf8 ? "├─ " : "|- ", *last = utf8 ? "└─ " : "`- ";
	const char *line = utf8 ? "│  " : "|  ", *gap = "   ";
	const size_t most = levels_drawn(width);
	auto_free bool *more = find_siblings(t);
	/* whether the ancestor at each depth has a sibling to come */
	auto_free bool *open = xcalloc(deepest(t) + 2, sizeof(*open));

	for (size_t i = 0; i < t->n; i++) {
		const struct tree_node *n = &t->nodes[i];
		size_t levels = n->depth < most ? n->depth : most;

		open[n->depth] = more[i];
		for (size_t d = 1; d <= levels; d++)
			fputs(d == levels ? (more[i] ? branch : last) : open[d] ? line : gap, out);
		put_node(out, n, n->depth > levels, width ? width - levels * INDENT : SIZE_MAX,
			 color);
	}
}

/* A string of the language of Graphviz: quoted, with newlines as \n */
static void put_quoted(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', out);
		fputc(*s, out);
	}
}

static const char *dot_color(enum style style)
{
	return style == STYLE_RED    ? "#c01c28" :
	       style == STYLE_YELLOW ? "#a66a00" :
	       style == STYLE_GREEN  ? "#26763d" :
	       style == STYLE_DIM    ? "#777777" :
				       "#222222";
}

/* Nodes and groups by the group that they are in: each time one more than the first and next index, 0: none. */
struct frames {
	size_t *first_node, *next_node; /* owned, all four */
	size_t *first_group, *next_group;
};

static struct frames frames_of(const struct tree *t)
{
	struct frames f = { xcalloc(t->n_groups, sizeof(size_t)), xcalloc(t->n, sizeof(size_t)),
			    xcalloc(t->n_groups, sizeof(size_t)),
			    xcalloc(t->n_groups, sizeof(size_t)) };

	/* from the end, so that each list comes out in order */
	for (size_t i = t->n; i-- > 0;) {
		f.next_node[i] = f.first_node[t->nodes[i].group];
		f.first_node[t->nodes[i].group] = i + 1;
	}
	for (size_t i = t->n_groups; i-- > 0;) {
		if (t->groups[i].parent < 0)
			continue;
		f.next_group[i] = f.first_group[t->groups[i].parent];
		f.first_group[t->groups[i].parent] = i + 1;
	}
	return f;
}

static void frames_done(struct frames *f)
{
	free(f->first_node);
	free(f->next_node);
	free(f->first_group);
	free(f->next_group);
}

static void put_dot_node(const struct tree_node *n, size_t i, FILE *out)
{
	fprintf(out, "\tn%zu [label=\"", i);
	put_quoted(out, n->label);
	if (n->marks[0])
		fputs("\\n", out);
	put_quoted(out, n->marks);
	fprintf(out, "\", shape=%s, color=\"%s\", fontcolor=\"%s\"];\n",
		n->shape ? n->shape : "box", dot_color(n->style), dot_color(n->style));
}

/* Which frames hold a node, in themselves or in one inside */
static bool *find_used(const struct tree *t)
{
	bool *used = xcalloc(t->n_groups, sizeof(*used));

	for (size_t i = 0; i < t->n; i++)
		for (long at = (long)t->nodes[i].group; at >= 0 && !used[at];
		     at = t->groups[at].parent)
			used[at] = true;
	return used;
}

/* The frames lie in each other as the namespaces do: few levels, 32 at most */
static void put_dot_group(const struct tree *t, FILE *out, const struct frames *frames,
			  const bool *used, size_t group)
{
	const struct tree_group *g = &t->groups[group];

	if (!used[group])
		return;
	if (g->label[0]) {
		fprintf(out,
			"\tsubgraph cluster_%zu {\n\tstyle=dashed; color=\"#777777\"; label=\"",
			group);
		put_quoted(out, g->label);
		fputs("\";\n", out);
	}
	for (size_t i = frames->first_node[group]; i; i = frames->next_node[i - 1])
		put_dot_node(&t->nodes[i - 1], i - 1, out);
	for (size_t i = frames->first_group[group]; i; i = frames->next_group[i - 1])
		put_dot_group(t, out, frames, used, i - 1);
	if (g->label[0])
		fputs("\t}\n", out);
}

void tree_print_dot(const struct tree *t, FILE *out)
{
	auto_free size_t *at = xcalloc(deepest(t) + 1, sizeof(*at));
	auto_free bool *used = find_used(t);
	struct frames frames = frames_of(t);

	fputs("digraph coroner {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\", fontsize=11];\n"
	      "\tgraph [fontname=\"sans-serif\", fontsize=11];\n",
	      out);
	for (size_t i = 0; i < t->n_groups; i++)
		if (t->groups[i].parent < 0)
			put_dot_group(t, out, &frames, used, i);
	frames_done(&frames);
	for (size_t i = 0; i < t->n; i++) {
		size_t depth = t->nodes[i].depth;

		at[depth] = i;
		if (depth > 0)
			fprintf(out, "\tn%zu -> n%zu;\n", at[depth - 1], i);
	}
	fputs("}\n", out);
}
