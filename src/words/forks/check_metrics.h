/* SPDX-License-Identifier: MIT */
/* The metrics of a health check as they are named: told to people, and read from options. */
#ifndef CORONER_CHECK_METRICS_H
#define CORONER_CHECK_METRICS_H

#include "judge/alerts/thresholds.h"

/* What is counted, for people; static. */
const char *check_metric_what(enum check_metric_index i);

/*
 * Read "METRIC=RANGE" into its place in thresholds, one for each metric; its text is borrowed from argument.
 * Returns 0, or -EINVAL and *ret_error (owned by the caller) says what is wrong.
 */
int check_threshold_read(struct check_threshold *thresholds, const char *argument,
			 char **ret_error);

/* Read "METRIC,..." into t->only, the same way. */
int check_only_read(struct check_thresholds *t, const char *argument, char **ret_error);

#endif
