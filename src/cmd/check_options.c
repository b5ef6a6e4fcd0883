/* SPDX-License-Identifier: MIT */
#include "cmd/check_options.h"

#include <errno.h>
#include <math.h>

#include "base/duration.h"

/*
 * The defaults alert for what grows or hurts, not for a zombie or two. Time of death needs BPF, so
 * where it is not known its default does not count; one that was asked for does.
 */
static const struct metric_spec {
	const char *name, *unit, *what;
	const char *warning, *critical;
} specs[N_CHECK_METRICS] = {
	[CHECK_METRIC_ZOMBIES] = { "zombies", "", "number of zombies", "10", "100" },
	[CHECK_METRIC_OLDEST] = { "oldest_zombie", "s", "time since the oldest zombie died", "600",
				  NULL },
	[CHECK_METRIC_PER_PARENT] = { "zombies_per_parent", "", "most zombies of one parent", NULL,
				      NULL },
	[CHECK_METRIC_ORPHANS] = { "orphans", "", "number of adopted processes", NULL, NULL },
	[CHECK_METRIC_UNFIT_INITS] = { "unfit_inits", "",
				       "inits that adopt zombies and do not reap", "0", NULL },
	[CHECK_METRIC_PID_USAGE] = { "pid_usage", "%", "use of the limit on tasks that is fullest",
				     "80", "95" },
	[CHECK_METRIC_REFUSED] = { "refused_forks", "c", "forks refused by cgroups so far", NULL,
				   NULL },
};

enum {
	OPT_FORMAT = 256,
	OPT_TIMEOUT,
};

const struct option_spec check_option_specs[] = {
	{ 'w', "warning", "METRIC=RANGE", "warn when METRIC is outside of RANGE" },
	{ 'c', "critical", "METRIC=RANGE", "the same, critical" },
	{ OPT_FORMAT, "format", "FORMAT", "nagios, json, tap or junit" },
	{ OPT_TIMEOUT, "timeout", "DURATION", "give up after this (default 10s): UNKNOWN" },
	{ 0 },
};

static int take_threshold(struct check_threshold *thresholds, const char *argument,
			  char **ret_error)
{
	const char *equals = strchr(argument, '=');
	struct range r;

	if (!equals) {
		*ret_error = xasprintf("'%s' is no METRIC=RANGE", argument);
		return -EINVAL;
	}
	for (size_t i = 0; i < N_CHECK_METRICS; i++) {
		size_t len = (size_t)(equals - argument);

		if (strlen(specs[i].name) != len || strncmp(specs[i].name, argument, len) != 0)
			continue;
		if (equals[1] && range_parse(equals + 1, &r) < 0) {
			*ret_error = xasprintf(
				"'%s' is no range: one such as 10, 10:, ~:10, 5:10 or @5:10 is wanted",
				equals + 1);
			return -EINVAL;
		}
		thresholds[i] = (struct check_threshold){ true, equals + 1 };
		return 0;
	}
	*ret_error = xasprintf("there is no metric '%.*s': coroner-check(1) lists them",
			       (int)(equals - argument), argument);
	return -EINVAL;
}

static const char *const format_names[] = { "nagios", "json", "tap", "junit" };

const char *check_format_name(enum check_format format)
{
	return format_names[format];
}

static int take_format(struct check_options *o, const char *argument, char **ret_error)
{
	for (size_t i = 0; i < ARRAY_SIZE(format_names); i++) {
		if (!streq(argument, format_names[i]))
			continue;
		o->format = (enum check_format)i;
		o->format_given = true;
		return 0;
	}
	*ret_error = xasprintf("--format: '%s' is not valid: nagios, json, tap or junit is wanted",
			       argument);
	return -EINVAL;
}

int check_take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct check_options *o = own;

	if (id == 'w')
		return take_threshold(o->warning, argument, ret_error);
	if (id == 'c')
		return take_threshold(o->critical, argument, ret_error);
	if (id == OPT_FORMAT)
		return take_format(o, argument, ret_error);
	o->timeout_given = true;
	if (duration_parse(argument, &o->timeout_ms) == 0 && o->timeout_ms > 0)
		return 0;
	*ret_error = xasprintf("--timeout: '%s' is not valid: a duration such as 500ms or 10s",
			       argument);
	return -EINVAL;
}

static const char *chosen(const struct check_threshold *t, const char *fallback)
{
	if (!t->given)
		return fallback;
	return *t->text ? t->text : NULL;
}

void check_judge(const struct check_options *o, size_t i, double least, double most, bool early,
		 struct check_metric *ret)
{
	const struct metric_spec *spec = &specs[i];
	struct range warning, critical;
	bool asked = (o->warning[i].given && *o->warning[i].text) ||
		     (o->critical[i].given && *o->critical[i].text);

	*ret = (struct check_metric){ .name = spec->name,
				      .unit = spec->unit,
				      .what = spec->what,
				      .has_value = least >= most,
				      .value = least };
	ret->warning = chosen(&o->warning[i], spec->warning);
	ret->critical = chosen(&o->critical[i], spec->critical);
	/* they were parsed before: range_parse() cannot fail now */
	if (ret->warning)
		(void)range_parse(ret->warning, &warning);
	if (ret->critical)
		(void)range_parse(ret->critical, &critical);
	ret->state = range_state(ret->warning ? &warning : NULL, ret->critical ? &critical : NULL,
				 least, most);
	/* by default no time of death is asked for where there is none to be had */
	early |= i == CHECK_METRIC_OLDEST && ret->state == CHECK_UNKNOWN && !isinf(most);
	if (early && !asked && ret->state != CHECK_OK) {
		ret->state = CHECK_OK;
		ret->warning = NULL;
	}
}
