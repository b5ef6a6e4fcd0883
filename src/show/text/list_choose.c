/* SPDX-License-Identifier: MIT */
/* Which columns of `coroner list` were asked for. */
#include <errno.h>

#include "render/text.h"
#include "show/text/list_columns.h"

unsigned list_needs(const struct listing *l)
{
	size_t n;
	const struct list_column *columns = list_columns(l->by_zombie, &n);
	unsigned needs = 0;

	for (size_t i = 0; i < l->n_columns; i++)
		needs |= columns[l->columns[i]].needs;
	return needs;
}

static char *all_names(const struct list_column *columns, size_t n, const char *between)
{
	char *list = xstrdup(columns[0].name);

	for (size_t i = 1; i < n; i++) {
		char *longer = xasprintf("%s%s%s", list, between, columns[i].name);

		free(list);
		list = longer;
	}
	return list;
}

char *list_column_names(bool zombies)
{
	size_t n;
	const struct list_column *columns = list_columns(zombies, &n);

	return all_names(columns, n, ", ");
}

static char *no_such_column(const char *word, const struct list_column *columns, size_t n)
{
	auto_free char *known = all_names(columns, n, ",");
	const char *names[LISTING_MAX_COLUMNS], *meant;

	for (size_t i = 0; i < n; i++)
		names[i] = columns[i].name;
	meant = text_nearest(word, names, n);
	return xasprintf("--output: there is no column '%s'%s%s%s There are: %s", word,
			 meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : ".",
			 known);
}

int list_choose(const char *names, bool zombies, size_t width,
		size_t ret[static LISTING_MAX_COLUMNS], char **ret_error)
{
	auto_free char *copy = xstrdup(names ? names : "");
	size_t n_columns, n = 0, i;
	const struct list_column *columns = list_columns(zombies, &n_columns);
	char *save = NULL;

	for (i = 0; !names && i < n_columns; i++)
		if (columns[i].by_default && columns[i].drop_below <= width)
			ret[n++] = i;
	for (char *s = strtok_r(copy, ",", &save); s; s = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < n_columns && !streq(columns[i].name, s); i++)
			;
		if (i == n_columns || n == LISTING_MAX_COLUMNS) {
			*ret_error = no_such_column(s, columns, n_columns);
			return -EINVAL;
		}
		ret[n++] = i;
	}
	if (n == 0) {
		*ret_error = xstrdup("--output: the name of a column is wanted");
		return -EINVAL;
	}
	return (int)n;
}
