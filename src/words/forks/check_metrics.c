/* SPDX-License-Identifier: MIT */
#include "words/forks/check_metrics.h"

#include <errno.h>

#include "base/base.h"
#include "render/text.h"

const char *check_metric_what(enum check_metric_index i)
{
	static const char *const what[N_CHECK_METRICS] = {
		[CHECK_METRIC_ZOMBIES] = "number of zombies",
		[CHECK_METRIC_OLDEST] = "time since the oldest zombie died",
		[CHECK_METRIC_PER_PARENT] = "most zombies of one parent",
		[CHECK_METRIC_ORPHANS] = "number of adopted processes",
		[CHECK_METRIC_UNFIT_INITS] = "inits that adopt zombies and do not reap",
		[CHECK_METRIC_DYING] = "PID namespaces that are torn down and come to no end",
		[CHECK_METRIC_PID_USAGE] = "use of the limit on tasks that is fullest",
		[CHECK_METRIC_REFUSED] = "forks refused by cgroups so far",
		[CHECK_METRIC_REFUSED_RATE] =
			"forks refused a minute since the last look (--state)",
	};

	return what[i];
}

/* Its index; N_CHECK_METRICS where there is none of that name, and *ret_error says which there are */
static size_t find_metric(const char *name, size_t len, char **ret_error)
{
	auto_free char *word = xstrndup(name, len), *all = xstrdup("");
	const char *near = NULL;
	size_t least = 0;

	for (enum check_metric_index i = 0; i < N_CHECK_METRICS; i++) {
		size_t distance = text_distance(word, check_metric_name(i));
		char *longer;

		if (distance == 0)
			return i;
		if (!near || distance < least) {
			near = check_metric_name(i);
			least = distance;
		}
		longer = xasprintf("%s%s%s", all, i ? ", " : "", check_metric_name(i));
		free(all);
		all = longer;
	}
	*ret_error = xasprintf("there is no metric '%s'; did you mean '%s'? There are: %s", word,
			       near, all);
	return N_CHECK_METRICS;
}

int check_threshold_read(struct check_threshold *thresholds, const char *argument, char **ret_error)
{
	const char *equals = strchr(argument, '=');
	struct range r;
	size_t i;

	if (!equals) {
		*ret_error = xasprintf("'%s' is no METRIC=RANGE", argument);
		return -EINVAL;
	}
	i = find_metric(argument, (size_t)(equals - argument), ret_error);
	if (i == N_CHECK_METRICS)
		return -EINVAL;
	if (equals[1] && range_parse(equals + 1, &r) < 0) {
		*ret_error = xasprintf(
			"'%s' is no range: one such as 10, 10:, ~:10, 5:10 or @5:10 is wanted",
			equals + 1);
		return -EINVAL;
	}
	thresholds[i] = (struct check_threshold){ true, equals + 1 };
	return 0;
}

int check_only_read(struct check_thresholds *t, const char *argument, char **ret_error)
{
	t->only_given = true;
	for (const char *name = argument;; name++) {
		size_t len = strcspn(name, ","), i = find_metric(name, len, ret_error);

		if (i == N_CHECK_METRICS)
			return -EINVAL;
		t->only[i] = true;
		name += len;
		if (!*name)
			return 0;
	}
}
