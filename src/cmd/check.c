/* SPDX-License-Identifier: MIT */
/* coroner check: a health check by the Monitoring Plugins guidelines. Forks nothing. */
#include <errno.h>

#include "base/duration.h"
#include "case/forks/health.h"
#include "cmd/cmd.h"
#include "words/forks/check_metrics.h"

#define SETTLE_MS 200
#define TIMEOUT_MS 10000 /* where none is given */

static const struct format {
	enum form form;
	const char *option;
} formats[] = {
	{ FORM_NAGIOS, "--format=nagios" },
	{ FORM_JSON, "--format=json" },
	{ FORM_TAP, "--format=tap" },
	{ FORM_JUNIT, "--format=junit" },
};

struct check_options {
	struct check_thresholds thresholds;
	bool fail_on_critical;	     /* --fail-on=critical: statuses 0 and 1 alone */
	const char *state;	     /* borrowed: argv; the file of --state, or NULL */
	const struct format *format; /* NULL: not given */
	bool timeout_given;
	uint64_t timeout_ms;
};

enum {
	OPT_FORMAT = 256,
	OPT_TIMEOUT,
	OPT_FAIL_ON,
	OPT_ONLY,
	OPT_STATE,
};

static const struct option_spec options[] = {
	{ 'w', "warning", "METRIC=RANGE", "warn when METRIC is outside of RANGE" },
	{ 'c', "critical", "METRIC=RANGE", "the same, critical" },
	{ OPT_FORMAT, "format", "FORMAT", "nagios, json, tap or junit" },
	{ OPT_FAIL_ON, "fail-on", "STATE", "warning or critical: exit 0 below it, else 1" },
	{ OPT_ONLY, "only", "METRIC,...", "let no other metric alert" },
	{ OPT_STATE, "state", "FILE", "remember refused forks there, for refused_rate" },
	{ OPT_TIMEOUT, "timeout", "DURATION", "give up after this (default 10s): UNKNOWN" },
	{ 0 },
};

static int take_fail_on(struct check_options *o, const char *argument, char **ret_error)
{
	o->fail_on_critical = streq(argument, "critical");
	if (o->fail_on_critical || streq(argument, "warning"))
		return 0;
	*ret_error =
		xasprintf("--fail-on: '%s' is not valid: warning or critical is wanted", argument);
	return -EINVAL;
}

static int take_format(struct check_options *o, const char *argument, char **ret_error)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!streq(argument, formats[i].option + strlen("--format=")))
			continue;
		o->format = &formats[i];
		return 0;
	}
	*ret_error = xasprintf("--format: '%s' is not valid: nagios, json, tap or junit is wanted",
			       argument);
	return -EINVAL;
}

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct check_options *o = own;

	if (id == 'w')
		return check_threshold_read(o->thresholds.warning, argument, ret_error);
	if (id == 'c')
		return check_threshold_read(o->thresholds.critical, argument, ret_error);
	if (id == OPT_FORMAT)
		return take_format(o, argument, ret_error);
	if (id == OPT_FAIL_ON)
		return take_fail_on(o, argument, ret_error);
	if (id == OPT_ONLY)
		return check_only_read(&o->thresholds, argument, ret_error);
	if (id == OPT_STATE) {
		o->state = argument;
		if (*argument)
			return 0;
		*ret_error = xstrdup("--state: the name of a file is wanted");
		return -EINVAL;
	}
	o->timeout_given = true;
	if (duration_parse(argument, &o->timeout_ms) == 0 && o->timeout_ms > 0)
		return 0;
	*ret_error = xasprintf("--timeout: '%s' is not valid: a duration such as 500ms or 10s",
			       argument);
	return -EINVAL;
}

static enum form asks_for(const void *own, const char **ret_option)
{
	const struct check_options *o = own;

	*ret_option = o->format ? o->format->option : NULL;
	return o->format ? o->format->form : FORM_TEXT;
}

static uint64_t gives_up_after_ms(const void *own)
{
	const struct check_options *o = own;

	return o->timeout_given ? o->timeout_ms : TIMEOUT_MS;
}

static int exit_status(const struct check_options *o, enum check_state state)
{
	if (!o->fail_on_critical)
		return (int)state;
	return state == CHECK_CRITICAL || state == CHECK_UNKNOWN;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	const enum check_metric_index rate = CHECK_METRIC_REFUSED_RATE;
	const struct check_options *o = own;
	struct health *h = facts;

	(void)n_args;
	(void)args;
	if (!o->state && (check_asked(&o->thresholds, rate) || o->thresholds.only[rate])) {
		sight_fail(
			&ctx->sight,
			"check: refused_rate needs --state=FILE, where the last look is remembered");
		return COLLECT_BAD_USAGE;
	}
	if (health_take(&ctx->sight, &o->thresholds, o->state, h) < 0)
		return COLLECT_FAILED;
	return exit_status(o, h->status);
}

/* Whoever reads the output, not the messages, must get an answer too */
static int failed(const void *own, const char *why, bool late, void *facts)
{
	struct health *h = facts;

	h->status = CHECK_UNKNOWN;
	h->failure = late ? xstrdup(why) : xasprintf("could not look: %s", why);
	return exit_status(own, CHECK_UNKNOWN);
}

static void done(void *facts)
{
	health_done(facts);
}

static void print_metrics(FILE *out)
{
	fputs("\nMETRIC is one of:\n", out);
	for (enum check_metric_index i = 0; i < N_CHECK_METRICS; i++)
		fprintf(out, "  %-20s %s\n", check_metric_name(i), check_metric_what(i));
}

const struct command command_check = {
	.name = "check",
	.summary = "Check the health and say so by exit status",
	.options = options,
	.own_size = sizeof(struct check_options),
	.take_option = take_option,
	.facts_size = sizeof(struct health),
	.collect = collect,
	.failed = failed,
	.shows = { { FORM_TEXT, check_nagios },
		   { FORM_NAGIOS, check_nagios },
		   { FORM_JSON, check_json },
		   { FORM_TAP, check_tap },
		   { FORM_JUNIT, check_junit } },
	.done = done,
	.asks_for = asks_for,
	.gives_up_after_ms = gives_up_after_ms,
	.print_more = print_metrics,
	.counts_users = true,
	.usage_status = CHECK_UNKNOWN,
	.settle_ms = SETTLE_MS,
};
