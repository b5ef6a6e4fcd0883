/* SPDX-License-Identifier: MIT */
/* coroner orphans: the processes that a reaper adopted, and what shows it. */
#include "case/heirs/orphans.h"
#include "cmd/cmd.h"

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	(void)own;
	(void)n_args;
	(void)args;
	return orphans_collect(&ctx->sight, facts) < 0 ? COLLECT_FAILED : EXIT_DONE;
}

static void done(void *facts)
{
	orphans_done(facts);
}

const struct command command_orphans = {
	.name = "orphans",
	.summary = "Show who was adopted, and what shows it",
	.facts_size = sizeof(struct orphans),
	.collect = collect,
	.shows = { { FORM_TEXT, orphans_text }, { FORM_JSON, orphans_json } },
	.done = done,
	.usage_status = EXIT_USAGE,
};
