/* SPDX-License-Identifier: MIT */
/* Ranges and states of the Monitoring Plugins Development Guidelines, "Threshold and Ranges". */
#ifndef CORONER_RANGE_H
#define CORONER_RANGE_H

#include <stdbool.h>

/* In the order of their exit statuses. */
enum check_state {
	CHECK_OK,
	CHECK_WARNING,
	CHECK_CRITICAL,
	CHECK_UNKNOWN,
};

/* A value alerts outside of start ... end (both still inside), or with inverted, inside. */
struct range {
	double start; /* -INFINITY for "~" */
	double end;   /* INFINITY where none is given */
	bool inverted;
};

/*
 * Parse [@]start:end: "10" is 0 ... 10, "10:" from 10 up, "~:10" up to 10, "@10:20" alerts inside.
 * Returns 0, or -EINVAL for anything else or a start beyond the end. Pure.
 */
int range_parse(const char *text, struct range *ret);

/* Whether the value alerts. Pure. */
bool range_alerts(const struct range *r, double value);

/*
 * The state of a value that is only known to lie between least and most (the same when it is known):
 * CHECK_UNKNOWN where that does not decide it. A NULL range never alerts. Pure.
 */
enum check_state range_state(const struct range *warning, const struct range *critical,
			     double least, double most);

/* The worse of two: CRITICAL before WARNING before UNKNOWN before OK. Pure. */
enum check_state check_worse(enum check_state a, enum check_state b);

/* "OK", "WARNING", "CRITICAL", "UNKNOWN"; static. */
const char *check_state_name(enum check_state state);

#endif
