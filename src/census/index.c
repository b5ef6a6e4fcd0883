/* SPDX-License-Identifier: MIT */
#include "census/index.h"

static size_t hash_pid(pid_t pid)
{
	/* PIDs are dense: multiplying by a large odd number spreads them (Knuth) */
	return (uint32_t)pid * UINT32_C(2654435761);
}

static int compare_inodes(const void *a, const void *b, void *arg)
{
	const struct census_pidns *list = arg;
	uint32_t x = list[*(const uint32_t *)a].inode, y = list[*(const uint32_t *)b].inode;

	return (x > y) - (x < y);
}

static void index_pidns(struct census *c)
{
	free(c->pidns_index);
	c->pidns_index = xmalloc(c->n_pidns * sizeof(*c->pidns_index));
	for (size_t i = 0; i < c->n_pidns; i++)
		c->pidns_index[i] = (uint32_t)i;
	if (c->n_pidns > 0)
		qsort_r(c->pidns_index, c->n_pidns, sizeof(*c->pidns_index), compare_inodes,
			c->pidns);
}

void census_index(struct census *c)
{
	size_t size = 64;

	index_pidns(c);
	while (size < c->n * 2)
		size *= 2;
	c->index_mask = size - 1;
	free(c->index);
	c->index = xmalloc(size * sizeof(*c->index));
	memory_ready(c->index, size * sizeof(*c->index));
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

/* Neighbours mostly have one parent. Nobody has children yet. */
static void find_parents(struct census *c)
{
	const struct process *parent = NULL;

	for (size_t i = 0; i < c->n; i++) {
		struct process *p = &c->procs[i];

		if (!parent || parent->pid != p->ppid)
			parent = census_find(c, p->ppid);
		p->parent = parent && may_be_parent(parent, p) ? (uint32_t)(parent - c->procs) :
								 CENSUS_NONE;
		p->first_child = CENSUS_NONE;
		p->next_sibling = CENSUS_NONE;
		p->n_zombies = 0;
	}
}

void census_link(struct census *c)
{
	find_parents(c);
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

static int compare_held(const void *a, const void *b)
{
	const struct census_held *x = a, *y = b;

	return x->tgid != y->tgid ? (x->tgid > y->tgid) - (x->tgid < y->tgid) :
				    (x->tid > y->tid) - (x->tid < y->tid);
}

void census_sort_held(struct census *c)
{
	if (c->n_held > 0)
		qsort(c->held, c->n_held, sizeof(*c->held), compare_held);
}

bool census_was_held(const struct census *c, pid_t tgid, pid_t tid, char state)
{
	const struct census_held key = { .tgid = tgid, .tid = tid }, *held;
	const struct process *leader = tgid == tid ? census_find(c, tgid) : NULL;

	if (leader)
		return leader->state == state;
	held = c->n_held ? bsearch(&key, c->held, c->n_held, sizeof(key), compare_held) : NULL;
	return held && held->state == state;
}

bool census_is_partial(const struct census *c)
{
	return c->n_denied > 0 || c->n_malformed > 0 || !census_find(c, 1);
}

const struct process_kernel *census_kernel(const struct census *c, const struct process *p)
{
	const struct process_kernel *k = c->kernel ? &c->kernel[p - c->procs] : NULL;

	return k && !k->hidden ? k : NULL;
}

const struct census_pidns *census_pidns_find(const struct census *c, uint64_t inode)
{
	size_t low = 0, high = c->n_pidns;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->pidns[c->pidns_index[middle]].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->n_pidns && c->pidns[c->pidns_index[low]].inode == inode ?
		       &c->pidns[c->pidns_index[low]] :
		       NULL;
}

bool census_is_live(const struct census *c, const struct process *p)
{
	const struct process_kernel *kernel = census_kernel(c, p);

	if (!(p->flags & PF_EXITING) && p->state != 'Z' && p->state != 'X')
		return true;
	return kernel ? kernel->live_threads > 0 : p->threads > 1;
}
