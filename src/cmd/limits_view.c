/* SPDX-License-Identifier: MIT */
/* What all cases share: the tree, the zombies of each cgroup, the PID namespaces and users. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cmd/limits.h"
#include "limits/kernel.h"
#include "limits/numbers.h"

/* -- which cgroup the zombies are charged to -- */

char *limits_cgroup_of(const struct limits_view *v, pid_t pid)
{
	auto_free char *text = NULL;
	char path[32];
	size_t len;

	snprintf(path, sizeof(path), "%d/cgroup", pid);
	if (file_slurp_at(v->census->procfd, path, &text, &len) < 0)
		return NULL;
	return cgroup_tree_path(&v->tree, text, len);
}

static void hold(struct limits_view *v, const char *path, size_t n)
{
	for (size_t i = v->n_held; i-- > 0;) {
		if (streq(v->held[i].path, path)) {
			v->held[i].zombies += n;
			return;
		}
	}
	ARRAY_GROW(v->held, v->n_held, v->cap_held);
	v->held[v->n_held++] = (struct held_cgroup){ xstrdup(path), n };
}

/* BPF knows the id of the cgroup that each is charged to: exact on both versions */
static size_t hold_by_id(struct limits_view *v)
{
	const struct census *c = v->census;
	struct cgroup_levels all = { 0 };
	size_t lost = 0, last = 0;

	(void)cgroup_walk(&v->tree, false, &all); /* what it cannot read leaves zombies unlaid */
	for (size_t i = 0; i < c->n; i++) {
		const struct process_kernel *kernel = census_kernel(c, &c->procs[i]);
		size_t at = last;

		if (!process_is_zombie(&c->procs[i]))
			continue;
		if (at >= all.n || !kernel || all.v[at].id != kernel->cgroup_id)
			for (at = 0; kernel && at < all.n; at++)
				if (all.v[at].id == kernel->cgroup_id)
					break;
		/* the root is not in the walk: it has no limit */
		if (!kernel || at >= all.n) {
			lost += !kernel;
			continue;
		}
		last = at;
		hold(v, all.v[at].path, 1);
	}
	cgroup_levels_done(&all);
	return lost;
}

/* v1 shows "/" for every zombie (cgroups(7)): its parent's cgroup is the best guess */
static size_t hold_by_parent(struct limits_view *v)
{
	const struct census *c = v->census;
	size_t lost = 0, seen = 0, all = 0;

	v->held_inferred = true;
	for (size_t i = 0; i < c->n; i++) {
		auto_free char *path = NULL;

		all += process_is_zombie(&c->procs[i]);
		if (c->procs[i].n_zombies == 0)
			continue;
		path = limits_cgroup_of(v, c->procs[i].pid);
		seen += c->procs[i].n_zombies;
		if (path)
			hold(v, path, c->procs[i].n_zombies);
		else
			lost += c->procs[i].n_zombies;
	}
	/* the rest has parents that are out of sight */
	return lost + (all > seen ? all - seen : 0);
}

static size_t hold_by_file(struct limits_view *v)
{
	const struct census *c = v->census;
	size_t lost = 0;

	for (size_t i = 0; i < c->n; i++) {
		auto_free char *path = NULL;
		char *deleted;

		if (!process_is_zombie(&c->procs[i]))
			continue;
		path = limits_cgroup_of(v, c->procs[i].pid);
		lost += !path;
		if (!path)
			continue;
		/* a zombie outlives its cgroup, and counts above it still */
		deleted = strstr(path, " (deleted)");
		if (deleted && deleted[strlen(" (deleted)")] == '\0')
			*deleted = '\0';
		hold(v, path, 1);
	}
	return lost;
}

static void hold_zombies(struct limits_view *v)
{
	size_t lost;

	if (v->census->kernel)
		lost = hold_by_id(v);
	else
		lost = v->tree.v2 ? hold_by_file(v) : hold_by_parent(v);
	if (lost)
		context_note(v->ctx, "%zu zombies could not be laid to a cgroup", lost);
}

bool limits_zombies_below(const struct limits_view *v, const char *path, uint64_t *ret)
{
	uint64_t n = 0;

	if (!v->has_tree)
		return false;
	for (size_t i = 0; i < v->n_held; i++)
		if (cgroup_path_covers(path, v->held[i].path))
			n += v->held[i].zombies;
	*ret = n;
	return true;
}

/* -- the numbers of PID namespaces -- */

bool limits_is_inside(const struct limits_view *v, size_t at, size_t outer)
{
	/* a tree of garbage may hold a loop */
	for (size_t steps = 0; steps <= v->pidns.n; steps++) {
		if (at == outer)
			return true;
		if (v->pidns.list[at].parent < 0)
			return false;
		at = (size_t)v->pidns.list[at].parent;
	}
	return false;
}

/* Whether the kernel's answers about the reader's own namespace are about this one */
static bool is_readers(const struct limits_view *v, size_t at)
{
	struct stat st;

	if (v->ctx->own_proc)
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

static void ask_inside(struct limits_view *v, size_t at, struct pidns_known *known)
{
	struct pidns_allocator a = { 0 };
	auto_close int fd = -1;
	char path[32]; /* nothing that is allocated: the child inside frees nothing of its parent's */
	int r;

	snprintf(path, sizeof(path), "%d/ns/pid", v->pidns.list[at].member->pid);
	fd = openat(v->ctx->procfd, path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? file_error(errno) : pidns_allocator_enter(v->ctx->procfd, fd, &a);
	if (r == 0)
		take_allocator(known, &a);
	else if (r == -EACCES)
		context_note(
			v->ctx,
			"pid_max of other PID namespaces not read: CAP_SYS_ADMIN (to enter them), or CAP_BPF and CAP_PERFMON, are missing");
}

/* BPF has read the namespace itself */
static bool told_by_census(const struct limits_view *v, uint64_t inode, struct pidns_known *known)
{
	const struct census_pidns *told = census_pidns_find(v->census, inode);
	uint64_t max = told ? told->pid_max : 0;

	if (!told)
		return false;
	/* before 6.14 there was one for all */
	if (!max && file_read_u64_at(v->ctx->procfd, "sys/kernel/pid_max", &max) < 0)
		return false;
	known->has_max = known->has_used = known->has_low = true;
	known->max = max;
	known->used = told->pid_allocated;
	known->numbers.cursor = told->cursor;
	return true;
}

static void ask_allocator(struct limits_view *v, size_t at, struct pidns_known *known)
{
	struct pidns_allocator own = { 0 };

	if (told_by_census(v, v->pidns.list[at].inode, known))
		return;
	if (is_readers(v, at) && pidns_allocator_own(v->ctx->procfd, &own) == 0) {
		take_allocator(known, &own);
		return;
	}
	if (v->want & LIMITS_ENTER)
		ask_inside(v, at, known);
	/* before 6.14 one pid_max held for all, and this is it */
	if (!known->has_max && !known->full && !pid_max_is_per_namespace() &&
	    pidns_allocator_own(v->ctx->procfd, &own) == 0) {
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

/* The processes in it and in the namespaces inside it */
static const struct process **members_of(const struct limits_view *v, size_t at, size_t *ret_n)
{
	const struct process **members = xcalloc(v->census->n, sizeof(*members));
	size_t n = 0;

	for (size_t i = 0; i < v->census->n; i++)
		if (limits_is_inside(v, v->pidns.of[i], at))
			members[n++] = &v->census->procs[i];
	*ret_n = n;
	return members;
}

static void count_numbers(struct limits_view *v, size_t at, struct pidns_known *known)
{
	uint64_t max = known->has_max ? known->max : UINT64_MAX;
	int depth = v->pidns.list[at].depth;
	struct pidns_numbers numbers;
	bool complete;
	size_t n;
	int r;

	if (depth == 0) {
		r = pidns_numbers_own(v->census, max, &numbers);
	} else if (depth < 0) {
		r = -ENODATA;
	} else {
		auto_free const struct process **members = members_of(v, at, &n);

		r = pidns_numbers_inside(v->census, depth, members, n, max, &numbers);
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
	if (v->pidns.list[at].depth == 0)
		known->used = v->n_tasks;
	for (size_t i = 0; i < v->pidns.n; i++)
		if (v->pidns.list[at].depth != 0 && limits_is_inside(v, i, at))
			known->used += v->pidns.list[i].threads;
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

/* Around its own namespace only BPF sees the limits, and nobody the tasks */
static void look_outward(struct limits_view *v)
{
	struct stat st;

	v->partial = true;
	for (size_t i = 0; i < v->pidns.n; i++)
		v->partial &= v->pidns.list[i].inode != PIDNS_INIT_INODE;
	v->partial |= census_is_partial(v->census);
	for (size_t i = 0; i < v->census->n; i++)
		v->n_tasks += v->census->procs[i].threads;
	v->outer_hidden = !v->census->n_pidns && stat("/proc/self/ns/pid", &st) == 0 &&
			  st.st_ino != PIDNS_INIT_INODE;
	if (v->outer_hidden)
		context_note(
			v->ctx,
			"PID namespaces around this one are hidden: their pid_max may be hit first");
}

bool limits_hidden(const struct limits_view *v)
{
	return v->outer_hidden || (v->has_tree && !v->tree.whole);
}

void limits_view_open(struct context *ctx, const struct census *c, unsigned want,
		      const struct pidns_memory *memory, struct limits_view *ret)
{
	int r = ctx->cgroupfd < 0 ? -ENODATA : cgroup_tree_open(ctx->cgroupfd, &ret->tree);

	ret->ctx = ctx;
	ret->census = c;
	ret->want = want;
	ret->has_tree = r == 0;
	if (r == -EACCES)
		context_note(ctx, "%s cannot be read: limits of cgroups are not shown",
			     ctx->options.cgroupfs);
	else if (r < 0)
		context_note(
			ctx,
			"no pids controller below %s: limits of cgroups are not shown (--cgroupfs=DIR)",
			ctx->options.cgroupfs);
	if (ret->has_tree && !ret->tree.whole)
		context_note(
			ctx,
			"cgroups above %s are hidden (cgroup namespace, or a part of the tree is mounted): their pids.max may be hit first",
			ctx->options.cgroupfs);
	if (ret->has_tree)
		hold_zombies(ret);
	pidns_map(c, memory, &ret->pidns);
	ret->known = xcalloc(ret->pidns.n, sizeof(*ret->known));
	look_outward(ret);
	if (want & LIMITS_USERS)
		nproc_users_read(c, want & LIMITS_OF_ALL, &ret->users);
	if (ret->users.n_unseen)
		context_note(
			ctx,
			"the user namespace of %zu processes cannot be read: their tasks are counted as if in this one",
			ret->users.n_unseen);
}

void limits_view_done(struct limits_view *v)
{
	if (v->has_tree)
		cgroup_tree_close(&v->tree);
	for (size_t i = 0; i < v->n_held; i++)
		free(v->held[i].path);
	free(v->held);
	free(v->known);
	pidns_map_done(&v->pidns);
	nproc_users_done(&v->users);
	missing_done(&v->missing);
	*v = (struct limits_view){ 0 };
}
