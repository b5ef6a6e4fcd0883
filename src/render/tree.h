/* SPDX-License-Identifier: MIT */
/* A forest of labelled nodes, drawn for people or for Graphviz. */
#ifndef CORONER_TREE_H
#define CORONER_TREE_H

#include <stdio.h>

#include "render/table.h"

struct tree_node {
	size_t depth; /* of a root: 0 */
	enum style style;
	char *label;	   /* owned; made safe to print */
	char *marks;	   /* owned; the same; "" for none */
	const char *shape; /* static: of Graphviz; NULL: a plain box */
	size_t group;	   /* nodes of one PID namespace; for Graphviz */
};

/* A group of nodes that Graphviz draws a frame around. */
struct tree_group {
	char *label; /* owned; "" for no frame */
	long parent; /* index of the group around it, -1: none */
};

/* Nodes in the order they are drawn in: each after its parent, before its next sibling. */
struct tree {
	struct tree_node *nodes; /* owned */
	size_t n, cap;
	struct tree_group *groups; /* owned */
	size_t n_groups, groups_cap;
};

/* Add a node, which takes label and marks over. */
void tree_add(struct tree *t, size_t depth, enum style style, char *label, char *marks,
	      const char *shape, size_t group);
void tree_done(struct tree *t);

/* Draw it, a node a line, cut at width columns (0: whole); lines in ASCII without utf8. */
void tree_print(const struct tree *t, FILE *out, size_t width, bool color, bool utf8);

/* The same as a digraph in the language of Graphviz (dot(1)). */
void tree_print_dot(const struct tree *t, FILE *out);

#endif
