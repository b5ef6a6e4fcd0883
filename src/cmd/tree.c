/* SPDX-License-Identifier: MIT */
/* coroner tree: the branches that hold zombies, orphans or reapers. */
#include "case/tree/branches.h"
#include "cmd/cmd.h"

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

static enum form asks_for(const void *own, const char **ret_option)
{
	const struct tree_options *o = own;

	*ret_option = "--dot";
	return o->dot ? FORM_DOT : FORM_TEXT;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	pid_t root = 0;

	(void)own;
	if (n_args && parse_pids(1, args, &root) < 0)
		return COLLECT_BAD_USAGE;
	return branches_collect(&ctx->sight, root, facts) < 0 ? COLLECT_FAILED : EXIT_DONE;
}

static void done(void *facts)
{
	branches_done(facts);
}

const struct command command_tree = {
	.name = "tree",
	.arguments = "[PID]",
	.summary = "Show the branches with zombies, orphans or reapers",
	.options = options,
	.own_size = sizeof(struct tree_options),
	.take_option = take_option,
	.facts_size = sizeof(struct branches),
	.asks_for = asks_for,
	.collect = collect,
	.shows = { { FORM_TEXT, tree_text }, { FORM_JSON, tree_json }, { FORM_DOT, tree_dot } },
	.done = done,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
};
