/* SPDX-License-Identifier: MIT */
/* What all cases share: the tree, the PID namespaces and users. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/parallel.h"
#include "case/forks/limits.h"
#include "case/zombies/dying.h"
#include "limits/kernel.h"
#include "limits/numbers.h"

/* -- the numbers of PID namespaces -- */

/* Whether the kernel's answers about the reader's own namespace are about this one */
static bool is_readers(const struct limits_view *v, size_t at)
{
	struct stat st;

	if (v->sight->own_proc)
		return v->pidns.list[at].depth == 0;
	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == v->pidns.list[at].inode;
}

static void take_allocator(struct pidns_known *known, const struct pidns_allocator *a)
{
	known->has_max = a->has_max;
	known->max = a->max;
	known->numbers.cursor = a->cursor;
	known->has_low = a->has_cursor;
	known->full = a->full;
}

void limits_note_denied(struct limits_view *v)
{
	sight_remark(v->sight, REMARK_PID_MAX_DENIED);
}

/* BPF has read the namespace itself */
static bool told_by_census(const struct limits_view *v, uint64_t inode, struct pidns_known *known)
{
	const struct census_pidns *told = census_pidns_find(v->census, inode);
	uint64_t max = told ? told->pid_max : 0;

	if (!told)
		return false;
	/* before 6.14 there was one for all */
	if (!max && kernel_number(v->sight->procfd, "pid_max", &max) < 0)
		return false;
	known->has_max = known->has_used = known->has_low = true;
	known->max = max;
	known->used = told->pid_allocated;
	known->numbers.cursor = told->cursor;
	known->dead = told->dead;
	return true;
}

bool limits_must_ask(const struct limits_view *v, size_t at)
{
	const struct process *init = v->pidns.list[at].init;

	return !census_pidns_find(v->census, v->pidns.list[at].inode) && !is_readers(v, at) &&
	       !(init && dying_is(v->census, init) == TRI_YES);
}

static void ask_allocator(struct limits_view *v, size_t at, struct pidns_known *known)
{
	struct pidns_allocator own = { 0 };
	const struct process *init = v->pidns.list[at].init;

	if (told_by_census(v, v->pidns.list[at].inode, known))
		return;
	if (is_readers(v, at) && pidns_allocator_own(v->sight->procfd, &own) == 0) {
		take_allocator(known, &own);
		return;
	}
	known->dead |= init && dying_is(v->census, init) == TRI_YES;
	/* before 6.14 one pid_max held for all, and this is it */
	if (!known->has_max && !known->full && !pid_max_is_per_namespace() &&
	    pidns_allocator_own(v->sight->procfd, &own) == 0) {
		known->has_max = true;
		known->max = own.max;
	}
}

static uint64_t free_low_ahead(uint64_t cursor, uint64_t max, const struct pidns_numbers *numbers)
{
	uint64_t n = 0;

	for (uint64_t pid = cursor ? cursor : 1; pid < RESERVED_PIDS && pid < max; pid++)
		n += !numbers->low[pid];
	return n;
}

static void count_numbers(struct limits_view *v, size_t at, struct pidns_known *known)
{
	uint64_t max = known->has_max ? known->max : UINT64_MAX;
	const struct pidns *ns = &v->pidns.list[at];
	int depth = ns->depth;
	struct pidns_numbers numbers;
	bool complete;
	int r;

	if (depth == 0) {
		r = pidns_numbers_own(v->census, max, &numbers);
	} else if (depth < 0) {
		r = -ENODATA;
	} else {
		r = pidns_numbers_inside(v->census, depth, v->pidns.members + ns->first,
					 ns->within.processes, max, &numbers);
	}
	if (r < 0) {
		known->has_low = false;
		return;
	}
	/* an incomplete view of the processes counts too few numbers */
	complete = !census_is_partial(v->census) && (depth == 0 || v->pidns.n_denied == 0);
	known->has_low &= complete;
	if (!known->has_used) {
		known->has_used = complete;
		known->used = numbers.used;
	}
	known->numbers.used_low = numbers.used_low;
	known->numbers.used_high = numbers.used_high;
	known->numbers.free_low_ahead = free_low_ahead(known->numbers.cursor, known->max, &numbers);
}

/* Close to the truth without a file more: leaderless sessions and groups are left out */
static void count_tasks(struct limits_view *v, size_t at, struct pidns_known *known)
{
	known->has_low = false;
	if (known->has_used)
		return;
	known->has_used = !census_is_partial(v->census) &&
			  (v->pidns.list[at].depth == 0 || v->pidns.n_denied == 0);
	known->used = v->pidns.list[at].depth == 0 ? v->n_tasks : v->pidns.list[at].within.threads;
}

const struct pidns_known *limits_pidns_known(struct limits_view *v, size_t at)
{
	struct pidns_known *known = &v->known[at];

	if (known->asked)
		return known;
	known->asked = true;
	ask_allocator(v, at, known);
	if (v->want & LIMITS_EXACT)
		count_numbers(v, at, known);
	else
		count_tasks(v, at, known);
	known->numbers.has_low = known->has_low && known->has_used;
	return known;
}

/* Whether a PID namespace is around the reader's own; where that cannot be told, whether one is around all in sight */
static bool is_nested(bool outermost_seen)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) < 0)
		return !outermost_seen;
	return st.st_ino != PIDNS_INIT_INODE;
}

/* Around its own namespace only BPF sees the limits, and nobody the tasks */
static void look_outward(struct limits_view *v)
{
	bool outermost_seen = false;

	for (size_t i = 0; i < v->pidns.n; i++)
		outermost_seen |= v->pidns.list[i].inode == PIDNS_INIT_INODE;
	v->partial = !outermost_seen || census_is_partial(v->census);
	for (size_t i = 0; i < v->pidns.n; i++) {
		v->n_tasks += v->pidns.list[i].threads;
		v->n_zombies += v->pidns.list[i].zombies;
	}
	v->outer_hidden = !v->census->n_pidns && is_nested(outermost_seen);
	if (v->outer_hidden)
		sight_remark(v->sight, REMARK_PIDNS_AROUND_HIDDEN);
}

bool limits_hidden(const struct limits_view *v)
{
	return v->outer_hidden || (v->has_tree && !v->tree.whole);
}

void limits_view_open(struct sight *sight, const struct census *c, unsigned want,
		      const struct pidns_memory *memory, struct limits_view *ret)
{
	int r = sight->cgroupfd < 0 ? -ENODATA : cgroup_tree_open(sight->cgroupfd, &ret->tree);

	ret->sight = sight;
	ret->census = c;
	ret->want = want;
	ret->has_tree = r == 0;
	if (r == -EACCES)
		sight_remark(sight, REMARK_CGROUPFS_UNREADABLE, .text = sight->cgroupfs);
	else if (r < 0)
		sight_remark(sight, REMARK_NO_PIDS_CONTROLLER, .text = sight->cgroupfs);
	if (ret->has_tree && !ret->tree.whole)
		sight_remark(sight, REMARK_CGROUPS_ABOVE_HIDDEN, .text = sight->cgroupfs);
	if (ret->has_tree)
		limits_hold_zombies(ret);
	pidns_map(c, memory, &ret->pidns);
	ret->known = xcalloc(ret->pidns.n, sizeof(*ret->known));
	look_outward(ret);
	if (want & LIMITS_USERS)
		nproc_users_read(c, want & LIMITS_OF_ALL, &ret->users);
	parallel_await_end(); /* what is read from here on counts no helper of coroner's */
	if (ret->users.n_unseen)
		sight_remark(sight, REMARK_USERS_UNTOLD, .n = ret->users.n_unseen);
}

void limits_view_done(struct limits_view *v)
{
	if (v->has_tree)
		cgroup_tree_close(&v->tree);
	cgroup_counts_done(&v->held);
	free(v->known);
	pidns_map_done(&v->pidns);
	nproc_users_done(&v->users);
	missing_done(&v->missing);
	*v = (struct limits_view){ 0 };
}
