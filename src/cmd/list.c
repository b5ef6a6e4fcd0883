/* SPDX-License-Identifier: MIT */
/* coroner list: the parents that hold zombies, or with -z the zombies, and the verdict on each. */
#include <errno.h>

#include "case/zombies/listing.h"
#include "cmd/cmd.h"
#include "render/text.h"
#include "show/text/list_columns.h"
#include "words/verdict.h"

struct list_options {
	bool zombies;
	bool no_headings;
	const char *columns;
	size_t top;	   /* 0: all */
	unsigned verdicts; /* bits of 1 << enum verdict_code, 0: all */
};

enum {
	OPT_NO_HEADINGS = 256,
	OPT_TOP,
	OPT_VERDICT,
};

static const struct option_spec options[] = {
	{ 'z', "zombies", NULL, "one row per zombie" },
	{ 'o', "output", "COLUMN,...", "the columns to print" },
	{ OPT_TOP, "top", "N", "only the N parents with the most zombies" },
	{ OPT_VERDICT, "verdict", "VERDICT,...", "only those with such a verdict" },
	{ OPT_NO_HEADINGS, "no-headings", NULL, "rows alone: no headings, remedies and totals" },
	{ 0 },
};

static int take_top(struct list_options *o, const char *argument, char **ret_error)
{
	char *end;

	errno = 0;
	o->top = strtoul(argument, &end, 10);
	if (!errno && *argument >= '1' && *argument <= '9' && !*end)
		return 0;
	*ret_error = xasprintf("--top: '%s' is not valid: a number from 1 up is wanted", argument);
	return -EINVAL;
}

static char *no_such_verdict(const char *word)
{
	const char *names[VERDICT_COUNT], *meant;

	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++)
		names[code] = verdict_name(code);
	meant = text_nearest(word, names, VERDICT_COUNT);
	return meant ? xasprintf("--verdict: there is no verdict '%s'; did you mean '%s'?", word,
				 meant) :
		       xasprintf(
			       "--verdict: there is no verdict '%s'; coroner help list names them",
			       word);
}

static int take_verdicts(struct list_options *o, const char *argument, char **ret_error)
{
	auto_free char *copy = xstrdup(argument);
	char *save = NULL;

	o->verdicts = 0;
	for (char *s = strtok_r(copy, ",", &save); s; s = strtok_r(NULL, ",", &save)) {
		enum verdict_code code = 0;

		while (code < VERDICT_COUNT && !streq(verdict_name(code), s))
			code++;
		if (code == VERDICT_COUNT) {
			*ret_error = no_such_verdict(s);
			return -EINVAL;
		}
		o->verdicts |= 1u << code;
	}
	if (o->verdicts)
		return 0;
	*ret_error = xstrdup("--verdict: the name of a verdict is wanted");
	return -EINVAL;
}

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct list_options *o = own;

	if (id == OPT_TOP)
		return take_top(o, argument, ret_error);
	if (id == OPT_VERDICT)
		return take_verdicts(o, argument, ret_error);
	if (id == 'z')
		o->zombies = true;
	else if (id == 'o')
		o->columns = argument;
	else
		o->no_headings = true;
	return 0;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	const struct list_options *o = own;
	struct listing *l = facts;
	auto_free char *error = NULL;
	int n = list_choose(o->columns, o->zombies, terminal_width(&ctx->terminal), l->columns,
			    &error);

	(void)n_args;
	(void)args;
	if (n < 0) {
		complain("%s", error);
		return COLLECT_BAD_USAGE;
	}
	l->n_columns = (size_t)n;
	l->own_columns = o->columns != NULL;
	l->by_zombie = o->zombies;
	l->rows_alone = o->no_headings;
	l->top = o->top;
	l->verdicts = o->verdicts;
	l->needs = list_needs(l);
	return listing_collect(&ctx->sight, l) < 0 ? COLLECT_FAILED : EXIT_DONE;
}

static void done(void *facts)
{
	listing_done(facts);
}

static void print_names(FILE *out, const char *title, const char *names)
{
	fprintf(out, "\n%s:\n  ", title);
	text_hang(out, names, 2, 2, PIPE_WIDTH);
}

/* The completions read these, too */
static void print_more(FILE *out)
{
	auto_free char *parents = list_column_names(false), *zombies = list_column_names(true);
	auto_free char *verdicts = xstrdup(verdict_name(0));

	for (enum verdict_code code = 1; code < VERDICT_COUNT; code++) {
		char *longer = xasprintf("%s, %s", verdicts, verdict_name(code));

		free(verdicts);
		verdicts = longer;
	}
	print_names(out, "COLUMN of parents is one of", parents);
	print_names(out, "COLUMN of zombies is one of", zombies);
	print_names(out, "VERDICT is one of", verdicts);
}

const struct command command_list = {
	.name = "list",
	.summary = "Show which parents hold zombies, and why",
	.options = options,
	.own_size = sizeof(struct list_options),
	.take_option = take_option,
	.print_more = print_more,
	.facts_size = sizeof(struct listing),
	.collect = collect,
	.shows = { { FORM_TEXT, list_text }, { FORM_JSON, list_json } },
	.done = done,
	.usage_status = EXIT_USAGE,
};
