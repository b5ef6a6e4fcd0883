/* SPDX-License-Identifier: MIT */
/* The result of a health check, and the forms it is printed in. */
#ifndef CORONER_CHECK_REPORT_H
#define CORONER_CHECK_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "judge/range.h"

/* Room for the text of the status line: under 80 columns with "CORONER CRITICAL: ". */
#define CHECK_SUMMARY_WIDTH 60

struct check_metric {
	const char *name; /* static */
	const char *unit; /* static: "", "s", "%" or "c" (a counter), as in perfdata */
	const char *what; /* static: what is counted, for people */
	bool has_value;
	double value;
	const char *warning; /* borrowed: the range as it was given, NULL: none */
	const char *critical;
	enum check_state state;
};

struct check_report {
	enum check_state status;
	char *summary;		      /* owned; printable, without "|" */
	struct check_metric *metrics; /* borrowed */
	size_t n_metrics;
	char **lines; /* owned, each: verdicts and remedies; printable, without "|" */
	size_t n_lines, cap_lines;
};

/* Add a line of our own words and printable text; takes ownership. "|" in it becomes "/". */
void check_add_line(struct check_report *r, char *line);
void check_report_done(struct check_report *r);

/* A value as perfdata and all other forms write it: without an exponent, "U" where it is not known. */
#define CHECK_VALUE_SIZE 40
const char *check_value(const struct check_metric *m, char buf[static CHECK_VALUE_SIZE]);

/* The line, perfdata and long output of the Monitoring Plugins guidelines. */
void check_print_nagios(const struct check_report *r, FILE *out);
/* The Test Anything Protocol, version 13: a metric that alerts is not ok. */
void check_print_tap(const struct check_report *r, FILE *out);
/* JUnit's XML, as CI systems read it: a failure for an alert, an error for what is not known. */
void check_print_junit(const struct check_report *r, FILE *out);

#endif
