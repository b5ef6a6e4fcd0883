/* SPDX-License-Identifier: MIT */
/* coroner list: the parents that hold zombies, or with -z the zombies, and the verdict on each. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>

#include "cmd/list_columns.h"
#include "cmd/list_json.h"
#include "judge/remedy.h"
#include "cmd/missing.h"
#include "render/text.h"

struct list_options {
	bool zombies;
	bool no_headings;
	const char *columns;
};

enum {
	OPT_NO_HEADINGS = 256,
};

static const struct option_spec options[] = {
	{ 'z', "zombies", NULL, "one row per zombie" },
	{ 'o', "output", "COLUMNS", "the columns to print, parted by commas" },
	{ OPT_NO_HEADINGS, "no-headings", NULL, "rows alone: no headings, remedies and totals" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct list_options *o = own;

	(void)ret_error;
	if (id == 'z')
		o->zombies = true;
	else if (id == 'o')
		o->columns = argument;
	else
		o->no_headings = true;
	return 0;
}

static void put_row(struct table *t, const struct list_row *row, const size_t *chosen, int n)
{
	size_t n_columns;
	const struct list_column *columns = list_columns(row->zombie != NULL, &n_columns);

	for (int i = 0; i < n; i++)
		columns[chosen[i]].put(t, row);
}

static void put_rows(struct table *t, const struct context *ctx, const struct list_options *o,
		     const struct cases *cases, const size_t *chosen, int n)
{
	for (size_t i = 0; i < cases->n; i++) {
		const struct parent_case *p = &cases->parents[i];
		struct list_row row = { ctx, cases->census, p, NULL };

		for (size_t k = 0; o->zombies && k < p->n_looked_at; k++) {
			row.zombie = &p->zombies[k];
			put_row(t, &row, chosen, n);
		}
		if (o->zombies)
			continue;
		put_row(t, &row, chosen, n);
		if (!o->columns) {
			auto_free char *held = list_held(ctx, p);
			auto_free char *where = list_where(ctx, p);
			auto_free char *line = xasprintf("%s%s", held, where);

			table_under(t, STYLE_DIM, line);
		}
	}
}

static bool is_told(const char *const *told, size_t n, const char *remedy)
{
	for (size_t i = 0; i < n; i++)
		if (told[i] == remedy)
			return true;
	return false;
}

/* "sigchld-default (12, 13, 40 and 7 more): ", and the remedy: of one alone with its own numbers */
static char *remedy_line(const struct cases *cases, const struct verdict *first)
{
	enum { MOST = 4 };
	char pids[MOST * 16] = "";
	size_t n = 0, len = 0;
	auto_free char *own = NULL, *more = NULL;

	for (size_t i = 0; i < cases->n; i++) {
		const struct verdict *v = &cases->parents[i].verdict;

		if (v->remedy != first->remedy || ++n > MOST)
			continue;
		len += (size_t)snprintf(pids + len, sizeof(pids) - len, "%s%d", len ? ", " : "",
					v->parent);
	}
	own = n == 1 ? remedy_of(first) : xstrdup(first->remedy);
	more = n > MOST ? xasprintf(" and %zu more", n - MOST) : xstrdup("");
	return xasprintf("%s (%s%s): %s", verdict_name(first->code), pids, more, own);
}

/* What helps, once for each verdict and remedy that was given, in the order of the table above */
static void print_remedies(const struct context *ctx, const struct cases *cases, size_t width)
{
	const char *told[VERDICT_COUNT * 3];
	size_t n = 0;
	bool likely = false;

	for (size_t i = 0; i < cases->n && !likely; i++)
		likely = cases->parents[i].verdict.certainty == CERTAINTY_LIKELY;
	if (likely)
		printf("?: likely, not proven%s\n",
		       ctx->options.settle_ms ? "" : "; --settle=2s tells what stays");
	for (size_t i = 0; i < cases->n && n < ARRAY_SIZE(told); i++) {
		const struct verdict *v = &cases->parents[i].verdict;
		auto_free char *line = NULL;

		if (is_told(told, n, v->remedy))
			continue;
		told[n++] = v->remedy;
		line = remedy_line(cases, v);
		fputs(style_on(STYLE_CYAN, ctx->color), stdout);
		text_wrap(stdout, line, 4, width);
		fputs(style_off(STYLE_CYAN, ctx->color), stdout);
	}
}

static void print_totals(const struct cases *cases)
{
	const struct census *c = cases->census;
	const char *source = c->source == CENSUS_BPF ? "BPF" : "procfs";

	if (cases->n_zombies == 0)
		printf("no zombies; %zu processes seen through %s\n", c->n, source);
	else
		printf("%zu zombie%s under %zu parent%s; %zu processes seen through %s\n",
		       cases->n_zombies, cases->n_zombies == 1 ? "" : "s", cases->n,
		       cases->n == 1 ? "" : "s", c->n, source);
}

static void print_text(const struct context *ctx, const struct list_options *o,
		       const struct cases *cases, const size_t *chosen, int n)
{
	struct column columns[LIST_MAX_COLUMNS];
	size_t width = cmd_width(ctx), known;
	const struct list_column *all = list_columns(o->zombies, &known);
	struct table *t;

	for (int i = 0; i < n; i++)
		columns[i] = all[chosen[i]].column;
	t = table_new(columns, (size_t)n);
	put_rows(t, ctx, o, cases, chosen, n);
	/* columns of one's own choice are for programs too: whole, unless a terminal ends */
	if (cases->n > 0)
		table_print(t, stdout, o->columns && !ctx->width ? 0 : width, !o->no_headings,
			    ctx->color, ctx->utf8);
	table_free(t);
	if (o->no_headings)
		return;
	if (cases->n > 0) {
		putchar('\n');
		print_remedies(ctx, cases, width);
	}
	print_totals(cases);
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	const struct list_options *o = own;
	size_t chosen[LIST_MAX_COLUMNS];
	auto_free char *error = NULL;
	struct cases cases;
	bool brief;
	int n = list_choose(o->columns, o->zombies, cmd_width(ctx), chosen, &error);

	(void)n_args;
	(void)args;
	if (n < 0) {
		complain("%s", error);
		return EXIT_USAGE;
	}
	/* columns of one's own choice may ask for anything */
	brief = !ctx->options.json && !o->zombies && !o->columns;
	if (cases_collect(ctx, brief ? CASES_BRIEF : CASES_FULL, &cases) < 0)
		return EXIT_NOT_DONE;
	missing_note_cases(ctx, &cases, NULL);
	if (ctx->options.json)
		list_print_json(ctx, &cases);
	else
		print_text(ctx, o, &cases, chosen, n);
	cases_done(&cases);
	return EXIT_DONE;
}

const struct command command_list = {
	.name = "list",
	.summary = "Show which parents hold zombies, and why",
	.options = options,
	.own_size = sizeof(struct list_options),
	.take_option = take_option,
	.run = run,
	.usage_status = EXIT_USAGE,
	.is_default = true,
};
