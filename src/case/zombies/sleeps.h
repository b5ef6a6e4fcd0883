/* SPDX-License-Identifier: MIT */
/* How long a parent sleeps if nobody wakes it. */
#ifndef CORONER_SLEEPS_H
#define CORONER_SLEEPS_H

#include "case/zombies/cases.h"

/*
 * Whether all living threads of a parent sleep, and time alone wakes none of them within minutes: their calls have
 * no time limit, or one that is far away (VERDICT_LONG_SLEEP_S). UNKNOWN where that could not be read, or it may
 * have timers. Takes WANT_STATUS, WANT_THREADS and WANT_DOING.
 */
enum tri sleeps_long(const struct census *c, const struct parent_case *p);

#endif
