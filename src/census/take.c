/* SPDX-License-Identifier: MIT */
/* How a census is taken: which source, its processes linked to each other, the settle time. */
#include <errno.h>
#include <time.h>

#include "base/duration.h"
#include "census/census.h"
#include "census/index.h"
#include "census/left.h"
#include "census/siblings.h"

static int read_source(const struct census_options *options, struct census *c,
		       struct bpf_failure *ret_why)
{
	struct bpf_failure why = { .cause = BPF_OTHER_PROC };
	int r = -EOPNOTSUPP;

	if (options->source == CENSUS_PROCFS)
		return census_procfs_read(c);
	if (options->own_proc)
		r = census_bpf_read(c, options->users, &why);
	if (r == 0)
		return 0;
	if (options->source == CENSUS_BPF) {
		*ret_why = why;
		return -EOPNOTSUPP;
	}
	c->bpf_unusable = why.cause;
	c->bpf_failure = why;
	return census_procfs_read(c);
}

/* Those that took the census are no more when it is read */
static void forget_own_threads(struct census *c)
{
	const struct process *self = c->own_proc ? census_find(c, getpid()) : NULL;

	if (self)
		c->procs[self - c->procs].threads = 1;
}

int census_take(const struct census_options *options, struct census **ret,
		struct bpf_failure *ret_why)
{
	struct census *c = xcalloc(1, sizeof(*c));
	int r;

	*ret_why = (struct bpf_failure){ .cause = BPF_USABLE };
	c->procfd = options->procfd;
	c->own_proc = options->own_proc;
	c->taken_ns = clock_ns(CLOCK_BOOTTIME);
	r = read_source(options, c, ret_why);
	if (r < 0) {
		census_free(c);
		return r;
	}
	c->done_ns = clock_ns(CLOCK_BOOTTIME);
	if (!c->index)
		census_index(c);
	census_link(c);
	census_mark_late(c);
	census_mark_left(c);
	forget_own_threads(c);
	*ret = c;
	return 0;
}

void census_settle(struct census *c, struct census *earlier)
{
	c->earlier = earlier;
	census_keep_left(c, earlier);
	for (size_t i = 0; i < c->n; i++) {
		struct process *p = &c->procs[i];
		const struct process *before;

		if (!process_is_zombie(p))
			continue;
		before = census_find(earlier, p->pid);
		if (before && process_is_same(before, p) && process_is_zombie(before))
			continue;
		p->unsettled = true;
		c->n_zombies--;
		if (p->parent != CENSUS_NONE)
			c->procs[p->parent].n_zombies--;
	}
}

bool census_is_newborn(const struct census *c, const struct process *p)
{
	return p->start_ticks >= c->taken_ns / (NS_PER_S / sysconf(_SC_CLK_TCK));
}

void census_free(struct census *c)
{
	if (!c)
		return;
	free(c->procs);
	free(c->kernel);
	free(c->pidns);
	free(c->users);
	free(c->held);
	free(c->glimpses);
	left_free(c->left);
	census_free(c->earlier);
	free(c->index);
	free(c->pidns_index);
	free(c);
}
