/* SPDX-License-Identifier: MIT */
/* One zombie, two zombies; one process, two processes. */
#ifndef CORONER_PLURAL_H
#define CORONER_PLURAL_H

#include <stdint.h>

/* The end of a regular noun of which there are n; static. Pure. */
static inline const char *plural_s(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* The same behind an s; static. Pure. */
static inline const char *plural_es(uint64_t n)
{
	return n == 1 ? "" : "es";
}

#endif
