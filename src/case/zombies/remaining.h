/* SPDX-License-Identifier: MIT */
/*
 * Which zombies of the census remain once their parent was looked at. What a parent does now is evidence
 * about those alone: one that was reaped since the census accuses nobody.
 */
#ifndef CORONER_REMAINING_H
#define CORONER_REMAINING_H

#include "case/zombies/cases.h"

/* How many zombies of p are looked at closely: all, or a sample. */
size_t remaining_sample(const struct parent_case *p, bool all);

/* The k-th of the n that are looked at, spread evenly over all. */
const struct process *remaining_nth(const struct parent_case *p, size_t k, size_t n);

/*
 * Look once more at those zombies of p; where one of them is gone, its parent reaps, so at all that it
 * holds. Takes the gone out of held and n_zombies, and sets confirmed where one is there still.
 */
void remaining_zombies(const struct census *c, struct parent_case *p, bool all);

/* Drop all zombies of a parent that is gone itself, proven: they are a reaper's now. */
void remaining_parent(const struct census *c, struct parent_case *p);

/*
 * Set oldest_s and oldest_exact of p, seconds at the time of the census: since the first of the deaths of the zombies
 * that it holds, or since the birth of those whose death is not known.
 */
void remaining_oldest(const struct census *c, struct parent_case *p);

#endif
