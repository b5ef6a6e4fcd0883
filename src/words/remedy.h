/* SPDX-License-Identifier: MIT */
/* What helps: in general, and in the words of the container engine that a parent runs under. */
#ifndef CORONER_REMEDY_H
#define CORONER_REMEDY_H

#include "inspect/text/container.h"
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

/*
 * What helps, static; PARENT, ZOMBIE and OTHER in it stand for the numbers of a verdict, ENDING for what the end
 * of the parent would come to.
 */
const char *remedy_text(enum verdict_remedy remedy);

/* Why a reaper is said to reap or not, with its number where a probe would tell; owned by the caller. */
char *remedy_probe(const char *why, pid_t reaper);

/* text with each word that is from replaced by to; owned by the caller. */
char *remedy_fill(const char *text, const char *from, const char *to);

/*
 * The remedy of a verdict, whole, with PARENT, ZOMBIE and OTHER in it for the numbers of its case. ending says
 * what the end of the parent would come to; NULL: what is true of its role. Owned by the caller. Pure.
 */
char *remedy_template(const struct verdict *v, const char *ending);
/* The same with the numbers. */
char *remedy_with(const struct verdict *v, const char *ending);
char *remedy_of(const struct verdict *v);

#endif
