/* SPDX-License-Identifier: MIT */
#ifndef CORONER_HEADROOM_TEXT_H
#define CORONER_HEADROOM_TEXT_H

#include "cmd/limits.h"
#include "inspect/details.h"

/* What is to be shown: the cases, and the details of those that are processes. */
struct headroom_report {
	struct context *ctx;   /* borrowed */
	struct census *census; /* owned */
	struct limits_view view;
	struct limit_case *cases; /* owned */
	struct details *details;  /* owned; parallel to cases */
	size_t n, cap;
};

/* Print one process with all its limits, as a table. */
void headroom_print_process(const struct headroom_report *r, const struct limit_case *c);

/* Print one line for each case: its own limit and, where another binds it, that one. */
void headroom_print_all(const struct headroom_report *r);

#endif
