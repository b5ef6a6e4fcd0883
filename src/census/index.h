/* SPDX-License-Identifier: MIT */
/* The index of a census, built once when it has been read; looked up through census.h. */
#ifndef CORONER_INDEX_H
#define CORONER_INDEX_H

#include "census/census.h"

/* Index the processes by PID, for census_find(); anew where there is an index. Owned by the census. */
void census_index(struct census *c);

/* Put held in the order that census_was_held() needs. */
void census_sort_held(struct census *c);

/*
 * Link each process with its parent and its children, and count the zombies of each; the index must
 * be there. A parent must not be younger than its child (Linux kernel/exit.c:find_new_reaper()).
 */
void census_link(struct census *c);

#endif
