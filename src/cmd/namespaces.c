/* SPDX-License-Identifier: MIT */
/* coroner namespaces: every PID namespace in sight, and whether its init reaps. */
#include "base/rights.h"
#include "case/heirs/namespaces.h"
#include "cmd/cmd.h"

struct namespaces_options {
	bool probe;
};

static const struct option_spec options[] = {
	{ 'p', "probe", NULL, "make an orphan in each: its fate outranks inference" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct namespaces_options *o = own;

	(void)id;
	(void)argument;
	(void)ret_error;
	o->probe = true;
	return 0;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	const struct namespaces_options *o = own;

	(void)n_args;
	(void)args;
	return namespaces_collect(&ctx->sight, o->probe, facts) < 0 ? COLLECT_FAILED : EXIT_DONE;
}

static void done(void *facts)
{
	namespaces_done(facts);
}

const struct command command_namespaces = {
	.name = "namespaces",
	.summary = "Show every PID namespace, and whether its init reaps",
	.options = options,
	.own_size = sizeof(struct namespaces_options),
	.take_option = take_option,
	.facts_size = sizeof(struct namespaces),
	.collect = collect,
	.shows = { { FORM_TEXT, namespaces_text }, { FORM_JSON, namespaces_json } },
	.done = done,
	.capabilities = RIGHTS_ENTER,
	.usage_status = EXIT_USAGE,
};
