/* SPDX-License-Identifier: MIT */
/* The columns of `coroner list`: one table for parents, one for zombies. */
#ifndef CORONER_LIST_COLUMNS_H
#define CORONER_LIST_COLUMNS_H

#include "cmd/cases.h"
#include "cmd/list_words.h"
#include "render/table.h"

/* What a column prints: a parent and, with --zombies, one zombie of it. */
struct list_row {
	const struct context *ctx;
	const struct census *census;
	const struct parent_case *parent;
	const struct zombie_case *zombie; /* NULL in a row of a parent */
};

struct list_column {
	const char *name; /* for -o */
	struct column column;
	void (*put)(struct table *t, const struct list_row *row);
	bool by_default;
	size_t drop_below; /* by default left out where the width is less; 0: never */
};

/* The columns of one kind of row; *ret_n of them. Static. */
const struct list_column *list_columns(bool zombies, size_t *ret_n);

/*
 * Choose columns: a comma-separated list of names, NULL for the defaults that fit into width. Returns
 * their number and their places in list_columns() in ret (room for as many as there are names, see
 * LIST_MAX_COLUMNS); or -EINVAL, *ret_error then owned by the caller.
 */
#define LIST_MAX_COLUMNS 32
int list_choose(const char *names, bool zombies, size_t width, size_t ret[static LIST_MAX_COLUMNS],
		char **ret_error);

#endif
