/* SPDX-License-Identifier: MIT */
/* The columns of `coroner list`: one table for parents, one for zombies. */
#ifndef CORONER_LIST_COLUMNS_H
#define CORONER_LIST_COLUMNS_H

#include "case/zombies/listing.h"
#include "words/list_words.h"
#include "render/table.h"
#include "render/terminal.h"

/* What a column prints: a parent and, with --zombies, one zombie of it. */
struct list_row {
	const struct terminal *terminal;
	const struct listing *listing;
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
	unsigned needs;	   /* enum listing_needs */
};

/* The columns of one kind of row; *ret_n of them. Static. */
const struct list_column *list_columns(bool zombies, size_t *ret_n);

/* What the columns that were chosen need, of enum listing_needs. */
unsigned list_needs(const struct listing *l);

/* Their names, parted by ", "; owned by the caller. */
char *list_column_names(bool zombies);

/*
 * Choose columns: a comma-separated list of names, NULL for the defaults that fit into width. Returns
 * their number and their places in list_columns() in ret (room for as many as there are names, see
 * LISTING_MAX_COLUMNS); or -EINVAL, *ret_error then owned by the caller.
 */
int list_choose(const char *names, bool zombies, size_t width,
		size_t ret[static LISTING_MAX_COLUMNS], char **ret_error);

#endif
