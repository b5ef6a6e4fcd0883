/* SPDX-License-Identifier: MIT */
/*
 * OpenMetrics text 1.0, kept to what the older Prometheus text format reads alike (node_exporter's
 * textfile collector): gauges only, a unit as the last word of the name.
 */
#ifndef CORONER_OPENMETRICS_H
#define CORONER_OPENMETRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct om_label {
	const char *name;  /* static */
	const char *value; /* raw text: made printable and escaped here */
};

/* Begin a family of gauges; unit is NULL or the last word of the name. help: one sentence. */
void om_gauge(FILE *out, const char *name, const char *unit, const char *help);

/* One sample of the family begun last; n labels. */
void om_sample(FILE *out, const char *name, const struct om_label *labels, size_t n, double value);

/* The line that ends it all. */
void om_end(FILE *out);

#endif
