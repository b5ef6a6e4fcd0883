/* SPDX-License-Identifier: MIT */
#include "cmd/look.h"

#include <sys/sysinfo.h>

#include "base/duration.h"
#include "inspect/pidns.h"

#define SMALL 500 /* tasks of the machine */

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
static bool is_small(void)
{
	struct sysinfo info;

	return sysinfo(&info) == 0 && info.procs < SMALL;
}

static int census_frugal(struct context *ctx, struct census **ret)
{
	size_t n_notes = ctx->n_notes;
	int r;

	ctx->options.source = CENSUS_PROCFS;
	r = context_census(ctx, ret);
	ctx->options.source = CENSUS_AUTO;
	if (r < 0 || is_quiet(*ret))
		return r;
	census_free(*ret);
	context_forget(ctx, n_notes);
	return context_census(ctx, ret);
}

int look_census(struct context *ctx, struct census **ret)
{
	bool frugal = ctx->options.frugal && ctx->options.source == CENSUS_AUTO &&
		      context_may_load_bpf(ctx) && is_small();
	struct census *before;
	int r = frugal ? census_frugal(ctx, ret) : context_census(ctx, ret);

	if (r < 0 || ctx->options.settle_ms == 0 || (*ret)->n_zombies == 0) {
		context_seen_all(ctx);
		return r;
	}
	before = *ret;
	sleep_ms(ctx->options.settle_ms);
	r = context_census(ctx, ret);
	context_seen_all(ctx);
	if (r == 0)
		census_settle(*ret, before);
	census_free(before);
	return r;
}
