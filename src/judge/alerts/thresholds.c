/* SPDX-License-Identifier: MIT */
#include "judge/alerts/thresholds.h"

#include <math.h>

/*
 * The defaults alert for what grows or hurts, not for a zombie or two. Time of death needs BPF, so
 * where it is not known its default does not count; one that was asked for does.
 */
static const struct metric_spec {
	const char *name, *unit;
	const char *warning, *critical;
} specs[N_CHECK_METRICS] = {
	[CHECK_METRIC_ZOMBIES] = { "zombies", "", "10", "100" },
	[CHECK_METRIC_OLDEST] = { "oldest_zombie", "s", "600", NULL },
	[CHECK_METRIC_PER_PARENT] = { "zombies_per_parent", "", NULL, NULL },
	[CHECK_METRIC_ORPHANS] = { "orphans", "", NULL, NULL },
	[CHECK_METRIC_UNFIT_INITS] = { "unfit_inits", "", "0", NULL },
	[CHECK_METRIC_DYING] = { "dying_namespaces", "", "0", NULL },
	[CHECK_METRIC_PID_USAGE] = { "pid_usage", "%", "80", "95" },
	[CHECK_METRIC_REFUSED] = { "refused_forks", "c", NULL, NULL },
	[CHECK_METRIC_REFUSED_RATE] = { "refused_rate", "", NULL, NULL },
};

const char *check_metric_name(enum check_metric_index i)
{
	return specs[i].name;
}

bool check_asked(const struct check_thresholds *t, enum check_metric_index i)
{
	return (t->warning[i].given && *t->warning[i].text) ||
	       (t->critical[i].given && *t->critical[i].text);
}

bool check_alerts(const struct check_thresholds *t, enum check_metric_index i)
{
	return !t->only_given || t->only[i];
}

static const char *chosen(const struct check_threshold *t, const char *fallback)
{
	if (!t->given)
		return fallback;
	return *t->text ? t->text : NULL;
}

void check_judge(const struct check_thresholds *t, enum check_metric_index i, double least,
		 double most, bool early, struct check_metric *ret)
{
	const struct metric_spec *spec = &specs[i];
	struct range warning, critical;
	bool alerts = check_alerts(t, i);

	*ret = (struct check_metric){ .index = i,
				      .name = spec->name,
				      .unit = spec->unit,
				      .has_value = least >= most,
				      .value = least };
	ret->warning = alerts ? chosen(&t->warning[i], spec->warning) : NULL;
	ret->critical = alerts ? chosen(&t->critical[i], spec->critical) : NULL;
	/* they were parsed before: range_parse() cannot fail now */
	if (ret->warning)
		(void)range_parse(ret->warning, &warning);
	if (ret->critical)
		(void)range_parse(ret->critical, &critical);
	ret->state = range_state(ret->warning ? &warning : NULL, ret->critical ? &critical : NULL,
				 least, most);
	/* by default no time of death is asked for where there is none to be had */
	early |= i == CHECK_METRIC_OLDEST && ret->state == CHECK_UNKNOWN && !isinf(most);
	if (early && !check_asked(t, i) && ret->state != CHECK_OK) {
		ret->state = CHECK_OK;
		ret->warning = NULL;
	}
}
