/* SPDX-License-Identifier: MIT */
/* A system call that notices when any register but those of its result is not what it was. */
#ifndef ZOO_GUARDED_H
#define ZOO_GUARDED_H

#include <stdint.h>

enum { GUARDED_WORDS = 31, GUARDED_VECTORS = 16 };

/* The registers before and after: by number on arm64, in the order of zoo_guarded.c on x86-64. */
struct guarded {
	uint64_t before[GUARDED_WORDS], after[GUARDED_WORDS];
	uint64_t vectors_before[GUARDED_VECTORS][2], vectors_after[GUARDED_VECTORS][2];
	int64_t result; /* a negative errno where it failed */
};

/* Make the call with every other register full of known values. */
void guarded_call(struct guarded *g, long nr, const uint64_t args[static 6]);
/* How many registers were not preserved. */
int guarded_broken(const struct guarded *g);

/* steps rounds of arithmetic in which all registers take part, without any call; equal for equal seeds. */
uint64_t guarded_sum(uint64_t seed, uint64_t steps);

#endif
