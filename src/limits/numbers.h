/* SPDX-License-Identifier: MIT */
/*
 * Which numbers of a PID namespace are taken. A number is taken by a thread and, with no thread left
 * behind it, for as long as it names a process group or session of the living (Linux
 * kernel/pid.c:free_pid(), kernel/exit.c).
 */
#ifndef CORONER_NUMBERS_H
#define CORONER_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "census/census.h"

struct pidns_numbers {
	uint64_t used;
	uint64_t used_low;  /* of these, the ones below RESERVED_PIDS */
	uint64_t used_high; /* and the ones from pid_max up: given out before it was lowered */
	bool low[300];	    /* by number: which the low ones are; index 0 is not used */
};

/*
 * The numbers taken in the PID namespace of the census itself (that of its procfs); max is its
 * pid_max, UINT64_MAX where that is not known. Returns 0 or an error of file_error().
 */
int pidns_numbers_own(const struct census *c, uint64_t max, struct pidns_numbers *ret);

/*
 * The numbers taken in a namespace depth levels below that of the census (1 or more), by members: the
 * processes in it and in the namespaces inside it, as indices into the census. Reads the status of each of their
 * threads, but of those whose numbers the census has.
 * Returns 0 or an error of file_error(); members that vanish meanwhile are passed over.
 */
int pidns_numbers_inside(const struct census *c, int depth, const uint32_t *members, size_t n,
			 uint64_t max, struct pidns_numbers *ret);

#endif
