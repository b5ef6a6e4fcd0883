/* SPDX-License-Identifier: MIT */
#include "census/census.h"

#include <errno.h>
#include <time.h>

#include "base/duration.h"
#include "census/siblings.h"

static size_t hash_pid(pid_t pid)
{
	/* PIDs are dense: multiplying by a large odd number spreads them (Knuth) */
	return (uint32_t)pid * UINT32_C(2654435761);
}

static void index_build(struct census *c)
{
	size_t size = 64;

	while (size < c->n * 2)
		size *= 2;
	c->index_mask = size - 1;
	c->index = xmalloc(size * sizeof(*c->index));
	memset(c->index, 0xff, size * sizeof(*c->index));
	for (size_t i = 0; i < c->n; i++) {
		size_t slot = hash_pid(c->procs[i].pid) & c->index_mask;

		while (c->index[slot] != CENSUS_NONE)
			slot = (slot + 1) & c->index_mask;
		c->index[slot] = (uint32_t)i;
	}
}

const struct process *census_find(const struct census *c, pid_t pid)
{
	size_t slot = hash_pid(pid) & c->index_mask;

	while (c->index[slot] != CENSUS_NONE) {
		const struct process *p = &c->procs[c->index[slot]];

		if (p->pid == pid)
			return p;
		slot = (slot + 1) & c->index_mask;
	}
	return NULL;
}

/*
 * Nobody is older than a parent of his, nor than a reaper, which is an ancestor: one that is younger has
 * the number of a parent that ended while the census was read.
 */
static bool may_be_parent(const struct process *parent, const struct process *p)
{
	return parent != p && parent->start_ticks <= p->start_ticks;
}

/* Neighbours mostly have one parent */
static void find_parents(struct census *c)
{
	const struct process *parent = NULL;

	for (size_t i = 0; i < c->n; i++) {
		struct process *p = &c->procs[i];

		if (!parent || parent->pid != p->ppid)
			parent = census_find(c, p->ppid);
		p->parent = parent && may_be_parent(parent, p) ? (uint32_t)(parent - c->procs) :
								 CENSUS_NONE;
	}
}

static void link_children(struct census *c)
{
	find_parents(c);
	for (size_t i = 0; i < c->n; i++) {
		c->procs[i].first_child = CENSUS_NONE;
		c->procs[i].next_sibling = CENSUS_NONE;
		c->procs[i].n_zombies = 0;
	}
	/* from the end, so that each list comes out in PID order */
	for (size_t i = c->n; i-- > 0;) {
		struct process *p = &c->procs[i];
		struct process *parent = p->parent == CENSUS_NONE ? NULL : &c->procs[p->parent];

		if (process_is_zombie(p))
			c->n_zombies++;
		if (!parent) {
			c->n_unparented += process_is_zombie(p);
			continue;
		}
		p->next_sibling = parent->first_child;
		parent->first_child = (uint32_t)i;
		parent->n_zombies += process_is_zombie(p);
	}
}

static int read_source(const struct census_options *options, struct census *c, char **ret_why)
{
	auto_free char *why = NULL;
	int r = -EOPNOTSUPP;

	if (options->source == CENSUS_PROCFS)
		return census_procfs_read(c);
	if (options->own_proc)
		r = census_bpf_read(c, &why);
	else
		why = xstrdup("the proc that is read is not that of coroner's own PID namespace");
	if (r == 0)
		return 0;
	if (options->source == CENSUS_BPF) {
		*ret_why = why;
		why = NULL;
		return -EOPNOTSUPP;
	}
	c->bpf_unusable = why;
	why = NULL;
	return census_procfs_read(c);
}

int census_take(const struct census_options *options, struct census **ret, char **ret_why)
{
	struct census *c = xcalloc(1, sizeof(*c));
	int r;

	*ret_why = NULL;
	c->procfd = options->procfd;
	c->taken_ns = clock_ns(CLOCK_BOOTTIME);
	r = read_source(options, c, ret_why);
	if (r < 0) {
		census_free(c);
		return r;
	}
	index_build(c);
	link_children(c);
	census_mark_late(c);
	*ret = c;
	return 0;
}

void census_settle(struct census *c, const struct census *earlier)
{
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

void census_free(struct census *c)
{
	if (!c)
		return;
	free(c->procs);
	free(c->kernel);
	free(c->pidns);
	free(c->index);
	free(c->bpf_unusable);
	free(c);
}

static const struct process *at(const struct census *c, uint32_t i)
{
	return i == CENSUS_NONE ? NULL : &c->procs[i];
}

const struct process *census_parent(const struct census *c, const struct process *p)
{
	return at(c, p->parent);
}

const struct process *census_first_child(const struct census *c, const struct process *p)
{
	return at(c, p->first_child);
}

const struct process *census_next_child(const struct census *c, const struct process *child)
{
	return at(c, child->next_sibling);
}

bool census_is_partial(const struct census *c)
{
	return c->n_denied > 0 || !census_find(c, 1);
}

const struct process_kernel *census_kernel(const struct census *c, const struct process *p)
{
	const struct process_kernel *k = c->kernel ? &c->kernel[p - c->procs] : NULL;

	return k && !k->hidden ? k : NULL;
}

const struct census_pidns *census_pidns_find(const struct census *c, uint64_t inode)
{
	for (size_t i = 0; i < c->n_pidns; i++)
		if (c->pidns[i].inode == inode)
			return &c->pidns[i];
	return NULL;
}

bool census_is_live(const struct census *c, const struct process *p)
{
	const struct process_kernel *kernel = census_kernel(c, p);

	if (!(p->flags & PF_EXITING) && p->state != 'Z' && p->state != 'X')
		return true;
	return kernel ? kernel->live_threads > 0 : p->threads > 1;
}
