/* SPDX-License-Identifier: MIT */
/* coroner metrics: OpenMetrics text for the textfile collector of node_exporter. */
#include <errno.h>
#include <sys/stat.h>

#include "act/replace.h"
#include "base/duration.h"
#include "case/forks/measures.h"
#include "cmd/cmd.h"

#define TOP 20
#define MAX_TOP 1000

struct metrics_options {
	const char *output;
	bool top_given;
	size_t top;
	uint64_t every_ms;
};

enum {
	OPT_OUTPUT = 'o',
	OPT_TOP = 256,
	OPT_EVERY,
};

static const struct option_spec options[] = {
	{ OPT_OUTPUT, "output", "FILE", "write aside, then rename to FILE (DIR/coroner.prom)" },
	{ OPT_TOP, "top", "N", "label sets a metric has at most (default 20)" },
	{ OPT_EVERY, "every", "DURATION", "write FILE anew so often, until told to end" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct metrics_options *o = own;
	unsigned long n;

	if (id == OPT_OUTPUT) {
		o->output = argument;
		if (*argument)
			return 0;
		*ret_error = xstrdup("--output: the name of a file is wanted");
		return -EINVAL;
	}
	if (id == OPT_EVERY) {
		if (duration_parse(argument, &o->every_ms) == 0 && o->every_ms > 0)
			return 0;
		*ret_error = xasprintf(
			"--every: '%s' is not valid: a duration such as 1m is wanted", argument);
		return -EINVAL;
	}
	n = strtoul(argument, NULL, 10);
	if (strspn(argument, "0123456789") == strlen(argument) && n >= 1 && n <= MAX_TOP) {
		o->top_given = true;
		o->top = n;
		return 0;
	}
	*ret_error = xasprintf("--top: '%s' is not valid: 1 to %d is wanted", argument, MAX_TOP);
	return -EINVAL;
}

static enum form asks_for(const void *own, const char **ret_option)
{
	const struct metrics_options *o = own;

	(void)ret_option;
	return o->output ? FORM_FILE : FORM_OPENMETRICS;
}

static int write_file(struct sight *sight, const char *path, const struct measures *m)
{
	struct replacement file;
	struct stat st;
	int r;

	/* to rename over a device or a pipe would end it for everybody */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		sight_fail(sight, "%s is no regular file: it would be replaced by one", path);
		return -EINVAL;
	}
	r = replace_begin(path, &file);
	if (r < 0) {
		sight_fail(sight, "cannot write beside %s: %s", path, strerror(-r));
		return r;
	}
	metrics_write(file.out, m);
	r = replace_end(&file, 0644); /* the collector runs as another user */
	if (r < 0)
		sight_fail(sight, "cannot write %s: %s", path, strerror(-r));
	return r;
}

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	const struct metrics_options *o = own;

	(void)n_args;
	(void)args;
	if (o->every_ms > 0 && !o->output) {
		sight_fail(&ctx->sight, "metrics: --every takes a file: --output=FILE");
		return COLLECT_BAD_USAGE;
	}
	if (measures_take(&ctx->sight, o->top_given ? o->top : TOP, facts) < 0)
		return COLLECT_FAILED;
	if (o->output && write_file(&ctx->sight, o->output, facts) < 0)
		return EXIT_NOT_DONE;
	return EXIT_DONE;
}

static uint64_t again_after_ms(const void *own)
{
	const struct metrics_options *o = own;

	return o->every_ms;
}

/* A file is left as it is: how old it has become tells it */
static int failed(const void *own, const char *why, bool late, void *facts)
{
	struct measures *m = facts;

	(void)own;
	(void)late;
	m->failure = xstrdup(why);
	return EXIT_NOT_DONE;
}

static void done(void *facts)
{
	measures_done(facts);
}

const struct command command_metrics = {
	.name = "metrics",
	.summary = "Print OpenMetrics text for Prometheus",
	.options = options,
	.own_size = sizeof(struct metrics_options),
	.take_option = take_option,
	.facts_size = sizeof(struct measures),
	.collect = collect,
	.shows = { { FORM_OPENMETRICS, metrics_openmetrics } },
	.failed = failed,
	.done = done,
	.asks_for = asks_for,
	.again_after_ms = again_after_ms,
	.counts_users = true,
	.usage_status = EXIT_USAGE,
};
