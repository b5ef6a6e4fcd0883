/* SPDX-License-Identifier: MIT */
/* coroner signals: masks by name, and what a signal sent from inside or outside would do. */
#include "case/signals/signal_answers.h"
#include "cmd/cmd.h"

struct signals_options {
	bool all;
};

static const struct option_spec options[] = {
	{ 'a', "all", NULL, "what each of the 64 signals would do, not just five" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct signals_options *o = own;

	(void)id;
	(void)argument;
	(void)ret_error;
	o->all = true;
	return 0;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	const struct signals_options *o = own;
	struct signal_answers *answers = facts;
	auto_free pid_t *pids = xcalloc((size_t)n_args, sizeof(*pids));
	int r;

	if (parse_pids(n_args, args, pids) < 0)
		return COLLECT_BAD_USAGE;
	answers->all = o->all;
	r = signal_answers_collect(&ctx->sight, pids, (size_t)n_args, answers);
	if (!answers->census)
		return COLLECT_FAILED;
	return r < 0 ? EXIT_NOT_DONE : EXIT_DONE;
}

static void done(void *facts)
{
	signal_answers_done(facts);
}

const struct command command_signals = {
	.name = "signals",
	.arguments = "PID...",
	.summary = "Decode signal masks, and tell what signals would do",
	.options = options,
	.own_size = sizeof(struct signals_options),
	.take_option = take_option,
	.facts_size = sizeof(struct signal_answers),
	.collect = collect,
	.shows = { { FORM_TEXT, signals_text }, { FORM_JSON, signals_json } },
	.done = done,
	.settles_nothing = true,
	.min_args = 1,
	.max_args = -1,
	.usage_status = EXIT_USAGE,
};
