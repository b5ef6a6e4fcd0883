/* SPDX-License-Identifier: MIT */
/* A census of processes that nobody has, linked as take.c links one. */
#ifndef CORONER_TEST_CENSUS_H
#define CORONER_TEST_CENSUS_H

#include "base/base.h"
#include "census/census.h"
#include "census/index.h"

struct made {
	pid_t pid, ppid;
	char state;
};

/* All of them started at tick 100 + PID; to be freed with unmake_census(). */
static inline void make_census(const struct made *all, size_t n, struct census *ret)
{
	*ret = (struct census){ .procs = xcalloc(n, sizeof(*ret->procs)), .n = n };
	for (size_t i = 0; i < n; i++)
		ret->procs[i] = (struct process){ .pid = all[i].pid,
						  .ppid = all[i].ppid,
						  .start_ticks = 100 + all[i].pid,
						  .state = all[i].state,
						  .threads = 1 };
	census_index(ret);
	census_link(ret);
}

static inline void unmake_census(struct census *c)
{
	free(c->procs);
	free(c->index);
	free(c->pidns_index);
}

#endif
