/* SPDX-License-Identifier: MIT */
/* Why a reaper is said to reap or not. */
#ifndef CORONER_REAPS_WORDS_H
#define CORONER_REAPS_WORDS_H

#include "judge/reaps.h"

/* One sentence without a full stop; static. */
const char *reaps_why(const struct reaps *r);

#endif
