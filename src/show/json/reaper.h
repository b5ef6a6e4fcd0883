/* SPDX-License-Identifier: MIT */
/* One answer of `coroner reaper PID` as JSON, for whoever tells who inherits. */
#ifndef CORONER_REAPER_JSON_H
#define CORONER_REAPER_JSON_H

#include "case/heirs/heirs.h"
#include "render/json_stream.h"

/*
 * Write a case with its children (fates_collect()) and command lines as an element of "cases", or under that key:
 * its children may be many.
 */
void reaper_put_case(struct json_stream *s, const char *key, const struct heirs *h,
		     const struct heir_case *k);

#endif
