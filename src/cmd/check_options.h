/* SPDX-License-Identifier: MIT */
/* The metrics of `coroner check`, their default thresholds and those that its options set. */
#ifndef CORONER_CHECK_OPTIONS_H
#define CORONER_CHECK_OPTIONS_H

#include "cmd/cmd.h"
#include "render/check_report.h"

#define CHECK_TIMEOUT_MS 10000 /* where none is given */
#define N_CHECK_METRICS 7

enum check_metric_index {
	CHECK_METRIC_ZOMBIES,
	CHECK_METRIC_OLDEST,
	CHECK_METRIC_PER_PARENT,
	CHECK_METRIC_ORPHANS,
	CHECK_METRIC_UNFIT_INITS,
	CHECK_METRIC_PID_USAGE,
	CHECK_METRIC_REFUSED,
};

enum check_format {
	CHECK_FORMAT_NAGIOS,
	CHECK_FORMAT_JSON,
	CHECK_FORMAT_TAP,
	CHECK_FORMAT_JUNIT,
};

struct check_threshold {
	bool given;
	const char *text; /* borrowed: argv; "" switches a default off */
};

struct check_options {
	struct check_threshold warning[N_CHECK_METRICS], critical[N_CHECK_METRICS];
	enum check_format format;
	bool format_given;
	bool timeout_given;
	uint64_t timeout_ms;
};

/* For struct command; own is a struct check_options. */
extern const struct option_spec check_option_specs[];
int check_take_option(void *own, int id, const char *argument, char **ret_error);

/* As --format names it; static. */
const char *check_format_name(enum check_format format);

/*
 * Judge metric i (enum check_metric_index), known to lie between least and most, by its threshold or
 * the default one; where it is too early to tell, the default one does not count. The strings of *ret
 * are borrowed from o. Pure.
 */
void check_judge(const struct check_options *o, size_t i, double least, double most, bool early,
		 struct check_metric *ret);

#endif
