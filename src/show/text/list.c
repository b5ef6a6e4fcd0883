/* SPDX-License-Identifier: MIT */
/* coroner list as text: a table, what helps, the totals. */
#include "case/zombies/listing.h"
#include "render/text.h"
#include "show/show.h"
#include "show/text/list_columns.h"
#include "words/acts/reap_words.h"
#include "words/remedy.h"
#include "words/verdict.h"

static void put_row(struct table *t, const struct list_row *row, const struct listing *l)
{
	size_t n_columns;
	const struct list_column *columns = list_columns(l->by_zombie, &n_columns);

	for (size_t i = 0; i < l->n_columns; i++)
		columns[l->columns[i]].put(t, row);
}

static void put_rows(struct table *t, const struct terminal *terminal, const struct listing *l)
{
	for (size_t i = 0; i < l->cases.n; i++) {
		const struct parent_case *p = &l->cases.parents[i];
		struct list_row row = { terminal, l, l->cases.census, p, NULL };

		for (size_t k = 0; l->by_zombie && k < p->n_looked_at; k++) {
			row.zombie = &p->zombies[k];
			if (listing_shows(l, row.zombie))
				put_row(t, &row, l);
		}
		if (l->by_zombie)
			continue;
		put_row(t, &row, l);
		if (!l->own_columns) {
			auto_free char *held = list_held(terminal, p);
			auto_free char *where = list_where(terminal, p);
			auto_free char *line = xasprintf("%s%s", held, where);

			table_under(t, STYLE_DIM, line);
		}
	}
}

/* One remedy, and the parents that it is for; more of them than are named are counted */
struct advice {
	char *text; /* owned: with PARENT, ZOMBIE and OTHER in it */
	struct verdict first;
	char parents[LISTING_MOST_NAMED * 16];
	size_t n;
};

static void advise(struct advice **list, size_t *n, size_t *cap, const struct verdict *v)
{
	char *text = remedy_template(v, NULL);
	struct advice *a = *list;

	while (a < *list + *n && (a->first.code != v->code || !streq(a->text, text)))
		a++;
	if (a < *list + *n) {
		free(text);
	} else {
		ARRAY_GROW(*list, *n, *cap);
		a = &(*list)[(*n)++];
		*a = (struct advice){ .text = text, .first = *v };
	}
	if (a->n++ < LISTING_MOST_NAMED)
		snprintf(a->parents + strlen(a->parents), sizeof(a->parents) - strlen(a->parents),
			 "%s%d", a->n > 1 ? ", " : "", v->parent);
}

/* A mixed parent has one for each kind of its zombies */
static void advise_parent(struct advice **list, size_t *n, size_t *cap, const struct parent_case *p)
{
	bool told[VERDICT_COUNT] = { false };

	advise(list, n, cap, &p->verdict);
	told[p->verdict.code] = true;
	for (size_t i = 0; i < p->n_looked_at; i++) {
		const struct verdict *v = &p->zombies[i].verdict;

		if (told[v->code])
			continue;
		told[v->code] = true;
		advise(list, n, cap, v);
	}
}

/* "sigchld-default (12, 13, 40, 41 and 7 more): ", and the remedy: of one alone with its own numbers */
static char *advice_line(const struct advice *a)
{
	auto_free char *own = a->n == 1 ? remedy_of(&a->first) : xstrdup(a->text);
	auto_free char *more = a->n > LISTING_MOST_NAMED ?
				       xasprintf(" and %zu more", a->n - LISTING_MOST_NAMED) :
				       xstrdup("");

	return xasprintf("%s (%s%s): %s", verdict_name(a->first.code), a->parents, more, own);
}

/* What helps, once for each verdict and remedy that was given, in the order of the table above */
static void print_remedies(const struct answer *a, const struct cases *cases, size_t width)
{
	struct advice *list = NULL;
	size_t n = 0, cap = 0;
	bool likely = false;

	for (size_t i = 0; i < cases->n && !likely; i++)
		likely = cases->parents[i].verdict.certainty == CERTAINTY_LIKELY;
	if (likely)
		printf("%s\n", list_legend(a->sight->settle_ms != 0));
	for (size_t i = 0; i < cases->n; i++)
		advise_parent(&list, &n, &cap, &cases->parents[i]);
	for (size_t i = 0; i < n; i++) {
		auto_free char *line = advice_line(&list[i]);

		fputs(style_on(STYLE_CYAN, a->terminal->color), stdout);
		text_wrap(stdout, line, 4, width);
		fputs(style_off(STYLE_CYAN, a->terminal->color), stdout);
		free(list[i].text);
	}
	free(list);
}

static void print_reap(const struct listing *l, size_t width)
{
	const size_t n = l->n_reapable;
	auto_free char *line = NULL;

	if (n == 0)
		return;
	line = reap_hint_for(l->reapable, n < LISTING_MOST_NAMED ? n : LISTING_MOST_NAMED, n);
	text_wrap(stdout, line, 4, width);
}

void list_text(const struct answer *a)
{
	const struct listing *l = a->facts;
	struct column columns[LISTING_MAX_COLUMNS];
	const size_t width = terminal_width(a->terminal);
	size_t known;
	const struct list_column *all = list_columns(l->by_zombie, &known);
	auto_free char *totals = list_totals(l);
	struct table *t;

	for (size_t i = 0; i < l->n_columns; i++)
		columns[i] = all[l->columns[i]].column;
	t = table_new(columns, l->n_columns);
	put_rows(t, a->terminal, l);
	/* columns of one's own choice are for programs too: whole, unless a terminal ends */
	if (l->cases.n > 0)
		table_print(t, stdout, l->own_columns && !a->terminal->width ? 0 : width,
			    !l->rows_alone, a->terminal->color, a->terminal->utf8);
	table_free(t);
	if (l->rows_alone)
		return;
	if (l->cases.n > 0) {
		putchar('\n');
		print_remedies(a, &l->cases, width);
		print_reap(l, width);
	}
	printf("%s\n", totals);
}
