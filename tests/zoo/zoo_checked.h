/* SPDX-License-Identifier: MIT */
/* A parent of zombies that never stops checking itself: results of calls, every register around them, sums. */
#ifndef ZOO_CHECKED_H
#define ZOO_CHECKED_H

#include <stdint.h>

/* Between the parent and the one who watches it: memory that both share, all 0 at first. */
struct checked {
	volatile uint64_t rounds;      /* so often it has made all its calls */
	volatile uint64_t broken;      /* registers that were not preserved */
	volatile uint64_t interrupted; /* calls without a limit that came back with EINTR */
	volatile uint64_t wrong;       /* other results, and sums, that are not what they must be */
	volatile uint32_t made;	       /* batches of zombies */
	volatile int last_kind; /* of what was last interrupted or wrong, in the order of a round */
	volatile int64_t last_result;
	uint32_t never; /* a futex that nobody wakes */
};

/* Be it, until its own parent ends. For every byte from orders, so many zombies are made. */
_Noreturn void checked_parent(struct checked *with, long zombies, int orders);

#endif
