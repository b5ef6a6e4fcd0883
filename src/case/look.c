/* SPDX-License-Identifier: MIT */
#include "case/look.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>

#include "base/duration.h"
#include "inspect/threads/glimpse.h"
#include "inspect/pidns.h"

#define MAX_LOOKS 5 /* for zombies that are all older than the clock tick of the look */
#define SMALL 500   /* processes of the machine, and some 60 entries of proc besides */

/*
 * No zombie, one PID namespace and no other around it, nothing hidden: BPF would only say more about
 * who was adopted
 */
static bool is_quiet(const struct census *c)
{
	struct pidns_map map;
	bool quiet;

	if (c->n_zombies > 0 || census_is_partial(c))
		return false;
	pidns_map(c, NULL, &map);
	quiet = map.n == 1 && map.n_denied == 0 && map.list[0].inode == PIDNS_INIT_INODE;
	pidns_map_done(&map);
	return quiet;
}

/* On a small machine loading the iterator takes longer than a whole look at /proc */
static bool is_small(int procfd)
{
	struct stat st;

	/* the links of proc's root count processes: Linux fs/proc/root.c:proc_root_getattr(); sysinfo(2) wraps */
	return fstat(procfd, &st) == 0 && st.st_nlink < SMALL;
}

/* Whoever looks at *c afterwards, also where the next one fails, finds none */
static void drop(struct sight *sight, struct census **c)
{
	census_free(*c);
	*c = NULL;
	sight->census = NULL;
}

static int census_frugal(struct sight *sight, struct census **ret)
{
	size_t n_notes = sight->notes.n;
	int r;

	sight->source = CENSUS_PROCFS;
	r = sight_census(sight, ret);
	sight->source = CENSUS_AUTO;
	if (r < 0 || is_quiet(*ret))
		return r;
	drop(sight, ret);
	sight_forget(sight, n_notes);
	return sight_census(sight, ret);
}

static bool has_newborn_zombie(const struct census *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (process_is_zombie(&c->procs[i]) && census_is_newborn(c, &c->procs[i]))
			return true;
	return false;
}

static int census_distinct(struct sight *sight, struct census **ret)
{
	size_t n_notes = sight->notes.n;
	int r = sight_census(sight, ret);

	for (unsigned tries = 0; r == 0 && tries < MAX_LOOKS && has_newborn_zombie(*ret); tries++) {
		drop(sight, ret);
		sight_forget(sight, n_notes);
		sleep_ms(1000 / (uint64_t)sysconf(_SC_CLK_TCK));
		r = sight_census(sight, ret);
	}
	return r;
}

/* Wait out the settle time. False: it was cut short, nobody wants to know any more */
static bool settle(const struct sight *sight)
{
	struct pollfd fd = { .fd = sight->interrupt_fd, .events = POLLIN };
	int64_t end = clock_ns(CLOCK_MONOTONIC) + (int64_t)sight->settle_ms * 1000000;

	if (sight->interrupt_fd <= 0) {
		sleep_ms(sight->settle_ms);
		return true;
	}
	for (int64_t left; (left = end - clock_ns(CLOCK_MONOTONIC)) > 0;)
		if (poll(&fd, 1,
			 left > INT32_MAX * INT64_C(1000000) ? INT32_MAX :
							       (int)(left / 1000000) + 1) > 0)
			return false;
	return true;
}

int look_census(struct sight *sight, struct census **ret)
{
	bool frugal = sight->frugal && sight->source == CENSUS_AUTO && sight_may_load_bpf(sight) &&
		      is_small(sight->procfd);
	struct census *before;
	int r = frugal		? census_frugal(sight, ret) :
		sight->distinct ? census_distinct(sight, ret) :
				  sight_census(sight, ret);

	if (r < 0 || sight->settle_ms == 0 || (*ret)->n_zombies == 0) {
		sight_seen_all(sight);
		return r;
	}
	before = *ret;
	glimpse_take(before);
	if (!settle(sight)) {
		drop(sight, ret);
		return -EINTR;
	}
	r = sight_census(sight, ret);
	sight_seen_all(sight);
	if (r == 0)
		census_settle(*ret, before);
	else
		drop(sight, ret);
	return r;
}
