/* SPDX-License-Identifier: MIT */
/* Whether something of coroner's may be sent into a PID namespace (act/enter/enter.h). */
#ifndef CORONER_ENTERING_H
#define CORONER_ENTERING_H

#include "act/enter/airlock.h"
#include "case/sight.h"
#include "inspect/pidns.h"

enum entering_deed {
	ENTERING_TO_ASK,
	ENTERING_TO_PROBE,
};

/*
 * Where the airlock is sealed, always: what is sent in is worth nothing. Else not where somebody who
 * would see it may trace it: a process in namespace at of the map, or in one between it and
 * coroner's own.
 * Returns 0; or -EPERM, and why it is refused is among the notes.
 */
int entering_allowed(struct sight *sight, const struct airlock *airlock, const struct census *c,
		     const struct pidns_map *map, size_t at, enum entering_deed deed);

#endif
