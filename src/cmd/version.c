/* SPDX-License-Identifier: MIT */
/* coroner --version, and with -v what it may do here: for a report, or to see what is missing. */
#include "case/itself.h"
#include "cmd/cmd.h"

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	struct itself *itself = facts;

	(void)own;
	(void)n_args;
	(void)args;
	itself->verbose = ctx->options.verbose;
	itself_collect(&ctx->sight, itself);
	return EXIT_DONE;
}

static void done(void *facts)
{
	(void)facts;
}

const struct command command_version = {
	.name = "version",
	.facts_size = sizeof(struct itself),
	.collect = collect,
	.shows = { { FORM_TEXT, version_text }, { FORM_JSON, version_json } },
	.done = done,
	.usage_status = EXIT_USAGE,
};
