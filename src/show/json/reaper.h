/* SPDX-License-Identifier: MIT */
/* One answer of `coroner reaper PID` as JSON, for whoever tells who inherits. */
#ifndef CORONER_REAPER_JSON_H
#define CORONER_REAPER_JSON_H

#include <jansson.h>

#include "case/heirs/heirs.h"

/* As an element of "cases", of a case with its children (fates_collect()) and command lines; a new reference. */
json_t *reaper_case_json(const struct heirs *h, const struct heir_case *k);

#endif
