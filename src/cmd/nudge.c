/* SPDX-License-Identifier: MIT */
/* coroner nudge: send SIGCHLD to parents that hold zombies, and say what that changed. */
#include <errno.h>

#include "base/duration.h"
#include "base/rights.h"
#include "case/acts/attempt.h"
#include "cmd/cmd.h"
#include "words/acts/nudge_words.h"

#define DEFAULT_TIMEOUT_MS 1000
#define MAX_TIMEOUT_MS (24 * 60 * 60 * 1000)

struct nudge_options {
	bool all;
	bool yes;
	bool dry_run;
	bool force;
	bool timeout_given;
	uint64_t timeout_ms;
};

static const struct option_spec options[] = {
	{ 'a', "all", NULL, "every parent that a nudge may help; asks first" },
	{ 'y', "yes", NULL, "with --all: do not ask" },
	{ 'n', "dry-run", NULL, "say what would be sent, send nothing" },
	{ 'f', "force", NULL, "send also where it looks useless" },
	{ 't', "timeout", "DURATION", "how long to wait for each parent (default 1s)" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct nudge_options *o = own;

	switch (id) {
	case 'a':
		o->all = true;
		return 0;
	case 'y':
		o->yes = true;
		return 0;
	case 'n':
		o->dry_run = true;
		return 0;
	case 'f':
		o->force = true;
		return 0;
	default:
		o->timeout_given = true;
		if (duration_parse(argument, &o->timeout_ms) == 0 &&
		    o->timeout_ms <= MAX_TIMEOUT_MS)
			return 0;
		*ret_error = xasprintf(
			"--timeout: '%s' is not valid: a duration up to a day is wanted", argument);
		return -EINVAL;
	}
}

static int check_usage(const struct nudge_options *o, int n_args)
{
	if (check_pids_or_all("nudge", o->all, n_args) < 0)
		return -EINVAL;
	if (o->all && !o->yes && !o->dry_run && !isatty(STDIN_FILENO)) {
		complain("nudge: --all asks before it sends: on no terminal it needs --yes");
		return -EINVAL;
	}
	return 0;
}

/* On a terminal: yes or no, before anything is sent */
static bool confirmed(const struct terminal *terminal, const struct attempts *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->list[i].wanted;
	if (n == 0)
		return true;
	nudge_print_plan(stderr, terminal, all);
	fprintf(stderr, "Send SIGCHLD to %s? [y/N] ", n == 1 ? "it" : "all of them");
	return read_yes();
}

/* Those that are not there */
static void fail_absent(struct sight *sight, const struct attempts *all)
{
	for (size_t i = 0; i < all->n; i++) {
		auto_free char *reason = nudge_reason(&all->list[i]);

		if (all->list[i].reason == ATTEMPT_ABSENT)
			sight_fail(sight, "nudge: %d: %s", all->list[i].pid, reason);
	}
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	auto_free pid_t *pids = xcalloc((size_t)n_args, sizeof(*pids));
	const struct nudge_options *o = own;
	const struct attempt_choice choice = { o->force, o->dry_run,
					       (unsigned)(o->timeout_given ? o->timeout_ms :
									     DEFAULT_TIMEOUT_MS) };
	struct attempts *all = facts;

	if (check_usage(o, n_args) < 0 || parse_pids(n_args, args, pids) < 0)
		return COLLECT_BAD_USAGE;
	if (attempts_plan(&ctx->sight, &choice, pids, (size_t)n_args, all) < 0)
		return COLLECT_FAILED;
	if (o->all && !o->yes && !o->dry_run && !confirmed(&ctx->terminal, all)) {
		sight_fail(&ctx->sight, "nothing was sent");
		return COLLECT_FAILED;
	}
	attempts_send(&ctx->sight, all);
	fail_absent(&ctx->sight, all);
	return attempts_are_done(all) ? EXIT_DONE : EXIT_NOT_DONE;
}

static void done(void *facts)
{
	attempts_done(facts);
}

const struct command command_nudge = {
	.name = "nudge",
	.arguments = "PID... | --all",
	.summary = "Send SIGCHLD to parents of zombies; tell what changed",
	.options = options,
	.own_size = sizeof(struct nudge_options),
	.take_option = take_option,
	.facts_size = sizeof(struct attempts),
	.collect = collect,
	.shows = { { FORM_TEXT, nudge_text }, { FORM_JSON, nudge_json } },
	.done = done,
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.capabilities = RIGHTS_NUDGE,
};
