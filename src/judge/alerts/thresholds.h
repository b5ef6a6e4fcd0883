/* SPDX-License-Identifier: MIT */
/* The metrics of a health check, the thresholds set for them, and what a value is by these. */
#ifndef CORONER_THRESHOLDS_H
#define CORONER_THRESHOLDS_H

#include <stdbool.h>
#include <stddef.h>

#include "judge/alerts/range.h"

#define N_CHECK_METRICS 9

enum check_metric_index {
	CHECK_METRIC_ZOMBIES,
	CHECK_METRIC_OLDEST,
	CHECK_METRIC_PER_PARENT,
	CHECK_METRIC_ORPHANS,
	CHECK_METRIC_UNFIT_INITS,
	CHECK_METRIC_DYING, /* PID namespaces */
	CHECK_METRIC_PID_USAGE,
	CHECK_METRIC_REFUSED,
	CHECK_METRIC_REFUSED_RATE, /* where an earlier look is remembered */
};

struct check_threshold {
	bool given;
	const char *text; /* borrowed: a range that range_parse() takes; "" switches a default off */
};

struct check_thresholds {
	struct check_threshold warning[N_CHECK_METRICS], critical[N_CHECK_METRICS];
	bool only_given;
	bool only[N_CHECK_METRICS]; /* then: no other metric alerts */
};

struct check_metric {
	enum check_metric_index index;
	const char *name; /* static */
	const char *unit; /* static: "", "s", "%" or "c" (a counter), as in perfdata */
	bool has_value;
	double value;
	const char *warning; /* borrowed: the range as it was given, NULL: none */
	const char *critical;
	enum check_state state;
};

/* As options and perfdata name it; static. */
const char *check_metric_name(enum check_metric_index i);

/* Whether metric i may alert. Pure. */
bool check_alerts(const struct check_thresholds *t, enum check_metric_index i);

/* Whether a threshold of metric i was given that is one. Pure. */
bool check_asked(const struct check_thresholds *t, enum check_metric_index i);

/*
 * Judge metric i, known to lie between least and most, by its threshold or the default one; where it is too
 * early to tell, the default one does not count. The strings of *ret are borrowed from t. Pure.
 */
void check_judge(const struct check_thresholds *t, enum check_metric_index i, double least,
		 double most, bool early, struct check_metric *ret);

#endif
