/* SPDX-License-Identifier: MIT */
#ifndef CORONER_JSON_SIGNALS_H
#define CORONER_JSON_SIGNALS_H

#include <jansson.h>

#include "case/signals/signal_targets.h"

/* The effects alone, as an object by signal name; a new reference. */
json_t *signals_effects_json(const struct signal_view *v, bool all);

#endif
