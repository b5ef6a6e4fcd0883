/* SPDX-License-Identifier: MIT */
/* What happened between two looks of a watch. Pure. */
#ifndef CORONER_WATCH_EVENTS_H
#define CORONER_WATCH_EVENTS_H

#include "case/watch/watch_state.h"

/*
 * Find what happened from w->before, NULL at the first look, to w->now: events, recent and seen, the counts
 * and the rates. w->looks is how many there were before this one.
 */
void watch_compare(struct watch *w);

#endif
