/* SPDX-License-Identifier: MIT */
/* coroner probe: find out by experiment who adopts an orphan, and whether it is reaped. */
#include <errno.h>

#include "base/duration.h"
#include "base/rights.h"
#include "case/acts/experiment.h"
#include "case/acts/probing.h"
#include "cmd/cmd.h"

#define MAX_TIMEOUT_MS (24 * 60 * 60 * 1000)

struct probe_options {
	bool force;
	bool timeout_given;
	uint64_t timeout_ms;
};

static const struct option_spec options[] = {
	{ 't', "timeout", "DURATION", "how long the orphan may stay unreaped (default 5s)" },
	{ 'f', "force", NULL, "where one left a zombie, or entering is refused" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct probe_options *o = own;

	if (id == 'f') {
		o->force = true;
		return 0;
	}
	o->timeout_given = true;
	if (duration_parse(argument, &o->timeout_ms) == 0 && o->timeout_ms <= MAX_TIMEOUT_MS)
		return 0;
	*ret_error = xasprintf("--timeout: '%s' is not valid: a duration up to a day is wanted",
			       argument);
	return -EINVAL;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	const struct probe_options *o = own;
	const struct experiment_choice choice = { o->force, o->timeout_given ? o->timeout_ms :
									       PROBE_TIMEOUT_MS };
	struct experiment *e = facts;
	pid_t pid = 0;

	if (parse_pids(n_args, args, &pid) < 0)
		return COLLECT_BAD_USAGE;
	(void)experiment_run(&ctx->sight, &choice, pid, e); /* why not is told, or shown */
	if (!e->census)
		return COLLECT_FAILED;
	return e->result.reaps == TRI_YES ? EXIT_DONE : EXIT_NOT_DONE;
}

static int failed(const void *own, const char *why, bool late, void *facts)
{
	struct experiment *e = facts;

	(void)own;
	(void)late;
	e->failure = xstrdup(why);
	return EXIT_NOT_DONE;
}

static void done(void *facts)
{
	experiment_done(facts);
}

const struct command command_probe = {
	.name = "probe",
	.arguments = "[PID]",
	.summary = "Try out who adopts an orphan, and whether it is reaped",
	.effects =
		"It makes a short-lived orphan, which exits with status 0, in the PID namespace\n"
		"of PID (default: of --pid-ns or --container, else where coroner stands). If the\n"
		"adopter does not reap it, one zombie stays; a second one needs --force.",
	.options = options,
	.own_size = sizeof(struct probe_options),
	.take_option = take_option,
	.facts_size = sizeof(struct experiment),
	.collect = collect,
	.shows = { { FORM_TEXT, probe_text }, { FORM_JSON, probe_json } },
	.failed = failed,
	.done = done,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.settle_ms = 200, /* the zombie of a probe under way is no leftover */
	.capabilities = RIGHTS_ENTER,
};
