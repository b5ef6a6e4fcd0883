/* SPDX-License-Identifier: MIT */
#ifndef CORONER_SIGNALS_JSON_H
#define CORONER_SIGNALS_JSON_H

#include <jansson.h>

#include "cmd/signal_targets.h"

/* One element of "cases" of coroner.signals/1; a new reference. */
json_t *signals_json(const struct census *c, const struct signal_view *v, bool all);

/* The effects alone, as an object by signal name; a new reference. */
json_t *signals_effects_json(const struct signal_view *v, bool all);

/* The signals that are told, one by one: five of them, or all; 0 at the end. */
int signals_nth(bool all, size_t i);

/* A sentence about what its masks are typical of, or NULL; static. Inferred. */
const char *signals_hint(const struct signal_view *v);

#endif
