/* SPDX-License-Identifier: MIT */
/* coroner headroom: how many more tasks fit before fork fails, and which limit is hit first. */
#include <sys/capability.h>

#include "base/rights.h"
#include "case/forks/headrooms.h"
#include "cmd/cmd.h"

enum {
	OPT_ALL = 'a',
	OPT_FORCE = 'f',
};

static const struct option_spec options[] = {
	{ OPT_ALL, "all", NULL, "without PID: all users, not just those near a limit" },
	{ OPT_FORCE, "force", NULL, "with PID: ask inside even where that is refused" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct headrooms_choice *o = own;

	(void)argument;
	(void)ret_error;
	if (id == OPT_ALL)
		o->all_users = true;
	if (id == OPT_FORCE)
		o->force = true;
	return 0;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	auto_free pid_t *pids = xcalloc((size_t)n_args, sizeof(*pids));
	struct headrooms *h = facts;
	int r;

	if (parse_pids(n_args, args, pids) < 0)
		return COLLECT_BAD_USAGE;
	r = headrooms_collect(&ctx->sight, own, pids, (size_t)n_args, h);
	if (!h->census || (r < 0 && !h->named && h->n == 0))
		return COLLECT_FAILED;
	return r < 0 ? EXIT_NOT_DONE : EXIT_DONE;
}

static void done(void *facts)
{
	headrooms_done(facts);
}

const struct command command_headroom = {
	.name = "headroom",
	.arguments = "[PID...]",
	.summary = "Show how many more tasks fit before fork fails",
	.options = options,
	.own_size = sizeof(struct headrooms_choice),
	.take_option = take_option,
	.facts_size = sizeof(struct headrooms),
	.collect = collect,
	.shows = { { FORM_TEXT, headroom_text }, { FORM_JSON, headroom_json } },
	.done = done,
	.counts_users = true,
	.settles_nothing = true,
	.max_args = -1,
	.capabilities = RIGHTS_ENTER | RIGHT(CAP_SYSLOG),
	.usage_status = EXIT_USAGE,
};
