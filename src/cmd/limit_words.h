/* SPDX-License-Identifier: MIT */
#ifndef CORONER_LIMIT_WORDS_H
#define CORONER_LIMIT_WORDS_H

#include <jansson.h>

#include "cmd/cmd.h"
#include "judge/headroom.h"

/* "pids.max of /docker/3f2a", "pid_max of PID namespace 4026532400": safe to print; owned. */
char *limit_words(const struct context *ctx, const struct limit *l);

/* {"kind", "name", "current", "max", "headroom", "zombies"}; a new reference. */
json_t *limit_words_json(const struct limit *l);

#endif
