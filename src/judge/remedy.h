/* SPDX-License-Identifier: MIT */
/* What helps in the words of the container engine that a parent runs under. */
#ifndef CORONER_REMEDY_H
#define CORONER_REMEDY_H

#include "inspect/container.h"
#include "judge/verdict.h"

struct engine_remedy {
	const char *lasting; /* keeps the zombies from coming back; NULL: the engine has no say */
	const char *now;     /* clears those that are there; NULL: as above */
};

/*
 * The remedy for a verdict on a parent in that container. The texts are static; "ID" in them stands
 * for the container's id or name, "UID" for its pod's. Pure.
 */
struct engine_remedy remedy_of_engine(const struct container *c, enum verdict_code code);

/* text with each word that is from replaced by to; owned by the caller. */
char *remedy_fill(const char *text, const char *from, const char *to);

/* The remedy of a verdict with the numbers of its case in it; owned by the caller. Pure. */
char *remedy_of(const struct verdict *v);

#endif
