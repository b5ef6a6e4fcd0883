/* SPDX-License-Identifier: MIT */
/* coroner reaper: who inherits the children of a process; without one, every reaper in sight. */
#include "base/rights.h"
#include "case/asked.h"
#include "case/heirs/reaper_answers.h"
#include "cmd/cmd.h"

struct reaper_options {
	bool probe;
};

static const struct option_spec options[] = {
	{ 'p', "probe", NULL, "make orphans: their fate outranks inference" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct reaper_options *o = own;

	(void)id;
	(void)argument;
	(void)ret_error;
	o->probe = true;
	return 0;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	const struct reaper_options *o = own;
	struct reaper_answers *answers = facts;
	auto_free pid_t *pids = xcalloc((size_t)n_args + 1, sizeof(*pids));
	int r;

	if (parse_pids(n_args, args, pids) < 0)
		return COLLECT_BAD_USAGE;
	for (int i = 0; i < n_args; i++)
		pids[i] = asked_process(&ctx->sight, pids[i]);
	r = reaper_answers_collect(&ctx->sight, pids, (size_t)n_args, o->probe, answers);
	if (r == 0)
		return EXIT_DONE;
	/* of some processes it may be known all the same */
	return answers->asked ? EXIT_NOT_DONE : COLLECT_FAILED;
}

static void done(void *facts)
{
	reaper_answers_done(facts);
}

const struct command command_reaper = {
	.name = "reaper",
	.arguments = "[PID...]",
	.summary = "Show who inherits a process's children, or all reapers",
	.options = options,
	.own_size = sizeof(struct reaper_options),
	.take_option = take_option,
	.facts_size = sizeof(struct reaper_answers),
	.collect = collect,
	.shows = { { FORM_TEXT, reaper_text }, { FORM_JSON, reaper_json } },
	.done = done,
	.max_args = -1,
	.capabilities = RIGHTS_ENTER,
	.usage_status = EXIT_USAGE,
};
