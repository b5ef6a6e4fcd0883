/* SPDX-License-Identifier: MIT */
/* coroner reap: have parents collect zombies that their programs have never heard of. */
#include <errno.h>
#include <stdio.h>

#include "act/pin.h"
#include "base/duration.h"
#include "base/rights.h"
#include "case/acts/reaping.h"
#include "cmd/cmd.h"

#define DEFAULT_MIN_AGE_MS 60000

struct reap_options {
	bool all;
	bool yes;
	bool dry_run;
	bool own;
	bool min_age_given;
	uint64_t min_age_ms;
};

enum { OPT_OWN = 256, OPT_MIN_AGE };

static const struct option_spec options[] = {
	{ 'a', "all", NULL, "every parent that holds zombies which may be taken" },
	{ 'y', "yes", NULL, "do not ask" },
	{ 'n', "dry-run", NULL, "say what would be done and noticed, do nothing" },
	{ OPT_OWN, "own", NULL, "also those that the parent's program started itself" },
	{ OPT_MIN_AGE, "min-age", "DURATION", "of its own, those dead for so long (default 1m)" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct reap_options *o = own;

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
	case OPT_OWN:
		o->own = true;
		return 0;
	default:
		o->min_age_given = true;
		if (duration_parse(argument, &o->min_age_ms) == 0)
			return 0;
		*ret_error =
			xasprintf("--min-age: '%s' is not valid: a duration is wanted", argument);
		return -EINVAL;
	}
}

static int check_usage(const struct reap_options *o, int n_args)
{
	if (check_pids_or_all("reap", o->all, n_args) < 0)
		return -EINVAL;
	if (o->min_age_given && !o->own) {
		complain("reap: --min-age is about a parent's own children: it goes with --own");
		return -EINVAL;
	}
	if (!o->yes && !o->dry_run && !isatty(STDIN_FILENO)) {
		complain("reap: it asks before it does anything: on no terminal it needs --yes");
		return -EINVAL;
	}
	return 0;
}

/* On a terminal: yes or no, before anything is done */
static bool confirmed(const struct terminal *terminal, const struct reap_options *o,
		      const struct reapings *all)
{
	size_t n = reapings_due(all);

	if (n == 0)
		return true;
	reap_print_plan(stderr, terminal, all);
	if (o->own)
		fputs("With --own: a program that waits for such a child later gets ECHILD, and one that\n"
		      "signals it may hit a stranger that was given the number since.\n",
		      stderr);
	fprintf(stderr,
		"A thread of %s is stopped for a moment and made to call wait4. Do it? [y/N] ",
		n == 1 ? "it" : "each");
	return read_yes();
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	auto_free pid_t *pids = xcalloc((size_t)n_args + 1, sizeof(*pids));
	const struct reap_options *o = own;
	const struct reap_choice choice = { o->own,
					    o->min_age_given ? o->min_age_ms : DEFAULT_MIN_AGE_MS };
	struct reapings *all = facts;

	if (check_usage(o, n_args) < 0 || parse_pids(n_args, args, pids) < 0)
		return COLLECT_BAD_USAGE;
	if (pin_check_procfs(ctx->sight.procfd) < 0) {
		sight_fail(
			&ctx->sight,
			"%s numbers processes otherwise than coroner does: nothing can be done by it",
			ctx->sight.procfs);
		return COLLECT_FAILED;
	}
	all->dry_run = o->dry_run;
	if (reapings_plan(&ctx->sight, &choice, pids, (size_t)n_args, all) < 0)
		return COLLECT_FAILED;
	reapings_rehearse(ctx->sight.procfd, all);
	if (!o->yes && !o->dry_run && !confirmed(&ctx->terminal, o, all)) {
		sight_fail(&ctx->sight, "nothing was done");
		return COLLECT_FAILED;
	}
	if (reapings_take(&ctx->sight, all) < 0)
		return COLLECT_FAILED;
	return reapings_are_done(all) ? EXIT_DONE : EXIT_NOT_DONE;
}

static void done(void *facts)
{
	reapings_done(facts);
}

const struct command command_reap = {
	.name = "reap",
	.arguments = "PID... | --all",
	.summary = "Have parents collect zombies now, without ending them",
	.effects =
		"A thread of the parent is stopped for some milliseconds and made to call wait4\n"
		"for each zombie; then it goes on where it was. By default only zombies that its\n"
		"program has never heard of are taken: adopted ones, and those of a program that\n"
		"it ran before. With --own also its own children, dead for a minute or longer: a\n"
		"program that waits for one later gets ECHILD, and one that signals it may hit a\n"
		"stranger that was given the number since. The cause stays: see coroner explain.",
	.options = options,
	.own_size = sizeof(struct reap_options),
	.take_option = take_option,
	.facts_size = sizeof(struct reapings),
	.collect = collect,
	.shows = { { FORM_TEXT, reap_text }, { FORM_JSON, reap_json } },
	.done = done,
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.capabilities = RIGHT(CAP_SYS_ADMIN), /* PTRACE_O_SUSPEND_SECCOMP */
};
