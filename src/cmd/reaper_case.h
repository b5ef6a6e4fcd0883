/* SPDX-License-Identifier: MIT */
/* One answer of `coroner reaper PID`, printed. */
#ifndef CORONER_REAPER_CASE_H
#define CORONER_REAPER_CASE_H

#include <jansson.h>

#include "cmd/heirs.h"

/* As an element of "cases"; reads the command lines; a new reference. */
json_t *reaper_case_json(const struct heirs *h, struct heir_case *k);

/* In words and two short tables, on stdout. */
void reaper_case_print(const struct context *ctx, const struct heirs *h, const struct heir_case *k);

#endif
