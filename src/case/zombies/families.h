/* SPDX-License-Identifier: MIT */
/* Families: the zombies of a census grouped by parent, before anything else is read of them. */
#ifndef CORONER_FAMILIES_H
#define CORONER_FAMILIES_H

#include "case/zombies/cases.h"

/*
 * Fill parents, n and held of cases from its census: each parent that holds zombies, in PID order, then
 * those that are not in the census (PPID 0, or hidden), with what they hold. about, unless NULL, narrows
 * it to parents in sight that are among those n_about PIDs or have a child that is.
 * cases owns all that is allocated.
 */
void families_group(struct cases *cases, const pid_t *about, size_t n_about);

#endif
