/* SPDX-License-Identifier: MIT */
#include "render/tree.h"

#include "base/base.h"
#include "render/text.h"

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

static void put_node(FILE *out, const struct tree_node *n, size_t room, bool color)
{
	size_t label = text_fit(n->label, room), used = text_width(n->label);

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
	auto_free bool *more = find_siblings(t);
	/* whether the ancestor at each depth has a sibling to come */
	auto_free bool *open = xcalloc(deepest(t) + 2, sizeof(*open));

	for (size_t i = 0; i < t->n; i++) {
		const struct tree_node *n = &t->nodes[i];
		size_t used = 0;

		open[n->depth] = more[i];
		for (size_t d = 1; d <= n->depth && (!width || used + 3 < width); d++, used += 3)
			fputs(d == n->depth ? (more[i] ? branch : last) :
			      open[d]	    ? line :
					      gap,
			      out);
		put_node(out, n, width ? width - used : SIZE_MAX, color);
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

static void put_dot_nodes(const struct tree *t, FILE *out, size_t group)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct tree_node *n = &t->nodes[i];

		if (n->group != group)
			continue;
		fprintf(out, "\tn%zu [label=\"", i);
		put_quoted(out, n->label);
		if (n->marks[0])
			fputs("\\n", out);
		put_quoted(out, n->marks);
		fprintf(out, "\", shape=%s, color=\"%s\", fontcolor=\"%s\"];\n",
			n->shape ? n->shape : "box", dot_color(n->style), dot_color(n->style));
	}
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
static void put_dot_group(const struct tree *t, FILE *out, const bool *used, size_t group)
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
	put_dot_nodes(t, out, group);
	for (size_t i = 0; i < t->n_groups; i++)
		if (t->groups[i].parent == (long)group)
			put_dot_group(t, out, used, i);
	if (g->label[0])
		fputs("\t}\n", out);
}

void tree_print_dot(const struct tree *t, FILE *out)
{
	auto_free size_t *at = xcalloc(deepest(t) + 1, sizeof(*at));
	auto_free bool *used = find_used(t);

	fputs("digraph coroner {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\", fontsize=11];\n"
	      "\tgraph [fontname=\"sans-serif\", fontsize=11];\n",
	      out);
	for (size_t i = 0; i < t->n_groups; i++)
		if (t->groups[i].parent < 0)
			put_dot_group(t, out, used, i);
	for (size_t i = 0; i < t->n; i++) {
		size_t depth = t->nodes[i].depth;

		at[depth] = i;
		if (depth > 0)
			fprintf(out, "\tn%zu -> n%zu;\n", at[depth - 1], i);
	}
	fputs("}\n", out);
}
