/* SPDX-License-Identifier: MIT */
/* The census as most commands want it. */
#ifndef CORONER_LOOK_H
#define CORONER_LOOK_H

#include "case/sight.h"

/*
 * The census with the zombies younger than the settle time left uncounted. With sight->frugal and
 * the source left open it is read from procfs where the machine is small, no zombie is in sight and
 * all live in one PID namespace. With sight->distinct it is taken anew while there are zombies of the
 * present clock tick; where new ones come all the time, only a few times. Gives up the rights that only
 * the census needs.
 * Returns 0 and a census that the caller owns; or a negative errno, and why is among the
 * problems.
 */
int look_census(struct sight *sight, struct census **ret);

#endif
