/* SPDX-License-Identifier: MIT */
#include "case/forks/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/file.h"
#include "case/forks/holders.h"
#include "limits/kernel.h"
#include "limits/kmsg.h"

static struct limit *add(struct limit_case *c, enum limit_kind kind, char *name)
{
	ARRAY_GROW(c->limits, c->n, c->cap);
	c->limits[c->n] = (struct limit){ .kind = kind, .name = name, .at = -1, .applies = true };
	return &c->limits[c->n++];
}

/* A cgroup counts what it refused or, before that was told apart, what its own tasks were refused */
static void tell_refusals(const struct limits_view *v, const struct cgroup_levels *levels,
			  struct limit_case *c)
{
	struct limit *limits = &c->limits[c->n - levels->n];
	bool above = levels->hidden;

	for (size_t i = levels->n; i-- > 0;) {
		const struct cgroup_level *level = &levels->v[i];
		bool own = level->max != CGROUP_UNLIMITED;
		int64_t since_boot;

		limits[i].refused_by = level->counts_own || (own && !above) ? REFUSED_BY_THIS :
				       !own				    ? REFUSED_BY_ABOVE :
									      REFUSED_BY_ANY;
		above |= own;
		if (!level->refused || !v->tree.whole ||
		    kmsg_first_refusal(level->path, &since_boot) < 0)
			continue;
		limits[i].has_first_refusal = true;
		limits[i].first_refusal_ns =
			since_boot + clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC);
	}
}

static void add_cgroups(struct limits_view *v, const char *path, struct limit_case *c)
{
	struct cgroup_levels levels = { 0 };

	if (!v->has_tree)
		return;
	if (cgroup_levels_read(&v->tree, path, &levels) < 0) {
		sight_remark(v->sight, REMARK_CGROUP_MALFORMED);
		return;
	}
	if (!path)
		sight_remark(v->sight, REMARK_CGROUP_OUTSIDE, .text = v->sight->cgroupfs);
	else if (levels.missing)
		sight_remark(v->sight, REMARK_CGROUP_NOT_FOUND, .text = v->sight->cgroupfs);
	for (size_t i = 0; i < levels.n; i++) {
		const struct cgroup_level *level = &levels.v[i];
		struct limit *l = add(c, LIMIT_CGROUP, xstrdup(level->path));

		l->setter = SETTER_OF_CGROUP;
		l->has_current = l->has_max = true;
		l->current = level->current;
		l->max = level->max;
		l->applies = level->max != CGROUP_UNLIMITED;
		l->has_refused = level->has_refused;
		l->refused = level->refused;
		/* more tasks than are in sight at all: those of other PID namespaces, zombies perhaps */
		l->has_zombies = limits_zombies_below(v, level->path, &l->zombies) &&
				 !(v->partial && level->current > v->n_tasks);
	}
	tell_refusals(v, &levels, c);
	/* one that it was moved out of meanwhile: where it is now may have a limit */
	c->hidden |= levels.hidden || levels.missing;
	cgroup_levels_done(&levels);
}

/* Namespaces around the reader's own, which only BPF sees */
static void add_outer_pidns(struct limits_view *v, struct limit_case *c)
{
	const struct census *census = v->census;
	const struct census_pidns *told = census->n_pidns ? &census->pidns[0] : NULL;

	/* each is read once, outward; a garbled answer must not go in circles */
	for (size_t steps = 0; told && told->parent && steps < census->n_pidns; steps++) {
		struct limit *l;

		told = census_pidns_find(census, told->parent);
		if (!told)
			return;
		l = add(c, LIMIT_PID_MAX, xasprintf("pid:[%" PRIu32 "]", told->inode));
		l->has_current = true;
		l->current = told->pid_allocated;
		l->max = told->pid_max;
		l->has_max = told->pid_max ||
			     kernel_number(v->sight->procfd, "pid_max", &l->max) == 0;
	}
}

static void add_one_pidns(struct limits_view *v, size_t at, struct limit_case *c)
{
	const struct pidns *ns = &v->pidns.list[at];
	const struct pidns_known *known = limits_pidns_known(v, at);
	struct limit *l = add(c, LIMIT_PID_MAX,
			      ns->inode ? xasprintf("pid:[%" PRIu64 "]", ns->inode) :
					  xasprintf("pid:[?] of process %d", ns->member->pid));

	missing_add_pidns(&v->missing, v->census, &v->pidns, at);
	l->at = (long)at;
	l->has_current = known->has_used;
	l->current = known->used;
	l->has_max = known->has_max;
	l->max = known->max;
	l->exhausted = known->full;
	l->dead = known->dead;
	l->numbers = known->numbers;
	l->has_zombies = !census_is_partial(v->census) &&
			 (ns->depth == 0 || v->pidns.n_denied == 0);
	l->zombies = ns->depth == 0 ? v->n_zombies : ns->within.zombies;
}

static void add_pidns(struct limits_view *v, size_t from, struct limit_case *c)
{
	size_t steps = 0;
	int outermost = -1;

	for (int at = (int)from; at >= 0 && steps++ <= v->pidns.n; at = v->pidns.list[at].parent) {
		add_one_pidns(v, (size_t)at, c);
		outermost = at;
	}
	/* one that is not to be asked for its parent lies within the reader's own all the same */
	for (size_t i = 0; outermost >= 0 && v->pidns.list[outermost].depth != 0 && i < v->pidns.n;
	     i++)
		if (v->pidns.list[i].depth == 0) {
			add_one_pidns(v, i, c);
			c->hidden = true; /* there may be others in between */
			break;
		}
	add_outer_pidns(v, c);
	c->hidden |= v->outer_hidden;
}

/* The namespace of those that the map knows by their members; -1: nobody is in it */
static long pidns_at(const struct limits_view *v, uint64_t inode)
{
	for (size_t i = 0; i < v->pidns.n; i++)
		if (v->pidns.list[i].inode == inode)
			return (long)i;
	return -1;
}

/* A namespace for children that nobody is in: dead, or not yet begun. inode 0: no number yet */
static void add_empty_pidns(struct limits_view *v, uint64_t inode, enum tri dead,
			    struct limit_case *c)
{
	const struct census_pidns *told = census_pidns_find(v->census, inode);
	struct limit *l = add(c, LIMIT_PID_MAX,
			      inode ? xasprintf("pid:[%" PRIu64 "]", inode) :
				      xstrdup("pid:[?] of its children"));

	l->dead = dead == TRI_YES;
	if (!told)
		return;
	l->dead = told->dead;
	l->has_current = true;
	l->current = told->pid_allocated;
	l->has_max = told->pid_max;
	l->max = told->pid_max;
	/* nothing was given out yet: the search begins at 1 */
	l->numbers.has_low = !told->pid_allocated && !told->dead;
	l->numbers.free_low_ahead = l->max < RESERVED_PIDS ? l->max - 1 : RESERVED_PIDS - 1;
}

/*
 * Where the children of p go: index of that namespace, after adding what is in no map. From procfs it
 * takes ptrace access, without which it is a bound that they stay in their parent's.
 */
static size_t children_go_to(struct limits_view *v, const struct process *p, struct limit_case *c)
{
	const struct process_kernel *kernel = census_kernel(v->census, p);
	size_t own = v->pidns.of[p - v->census->procs];
	enum tri dead = TRI_UNKNOWN;
	uint64_t inode = 0;
	long at;
	int r = 0;

	if (p->state == 'Z')
		return own;
	if (kernel)
		inode = kernel->children_pidns;
	else
		r = pidns_for_children(v->census->procfd, p->pid, &inode, &dead);
	if (r == -EACCES || (r < 0 && r != -ESRCH)) {
		c->hidden = true;
		return own;
	}
	if (r == 0 && inode == v->pidns.list[own].inode)
		return own;
	at = r == 0 ? pidns_at(v, inode) : -1;
	if (at >= 0)
		return (size_t)at;
	add_empty_pidns(v, inode, dead, c);
	return own;
}

static void add_threads_max(struct limits_view *v, struct limit_case *c)
{
	struct limit *l = add(c, LIMIT_THREADS_MAX, xstrdup("the whole machine"));
	struct threads_max machine = { 0 };

	threads_max_read(v->sight->procfd, &machine);
	l->has_max = machine.has_max;
	l->max = machine.max;
	/* the kernel's number is not to be had; where all can be seen they can be counted */
	l->has_current = machine.has_now || !v->partial;
	l->unread = machine.unread && !l->has_current;
	l->current = machine.has_now ? machine.now : v->n_tasks;
	/* from inside of a PID namespace not all of the machine's are seen */
	for (size_t i = 0; i < v->pidns.n; i++)
		l->has_zombies |= v->pidns.list[i].inode == PIDNS_INIT_INODE;
	l->zombies = v->n_zombies;
}

static enum limit_setter nproc_setter(const struct nproc_task *task, const struct nproc_user *inner)
{
	if (task->exempt == TRI_YES)
		return SETTER_OF_TASK;
	if (task->exempt == TRI_UNKNOWN)
		return SETTER_OF_TASK_MAYBE;
	/* further out the limit is that of who made the namespace, as it was then */
	return inner ? SETTER_MAKER : SETTER_UNKNOWN;
}

static void add_nproc_level(struct limits_view *v, const struct nproc_task *task,
			    const struct nproc_level *level, const struct nproc_user *inner,
			    struct limit_case *c)
{
	const struct nproc_user *user = level->user;
	bool own = user->userns == v->users.own_userns;
	struct limit *l = add(c, LIMIT_NPROC,
			      own ? xasprintf("uid %" PRIu32, user->uid) :
				    xasprintf("uid %" PRIu32 " in user:[%" PRIu64 "]", user->uid,
					      user->userns));

	l->at = user - v->users.v;
	l->has_current = true;
	l->current = user->tasks;
	l->partial = !user->told && (v->partial || v->users.n_unseen > 0);
	l->has_zombies = !v->partial && v->users.n_unseen == 0;
	l->zombies = user->zombies;
	l->has_max = level->has_max;
	l->max = level->max;
	l->uncertain = task->exempt == TRI_UNKNOWN;
	l->applies = task->exempt != TRI_YES && !(l->has_max && l->max == UINT64_MAX);
	l->setter = nproc_setter(task, inner);
	l->made_in = inner ? inner->userns : 0;
	if (l->applies && !user->told && v->partial && !census_is_partial(v->census))
		sight_remark(v->sight, REMARK_TASKS_OUTSIDE);
}

static void add_nproc(struct limits_view *v, const struct process *p, struct limit_case *c)
{
	struct nproc_task *task = &v->users.tasks[p - v->census->procs];
	struct nproc_level levels[NPROC_MAX_LEVELS];
	bool hidden;
	size_t n;

	if (!task->has_limit)
		nproc_limit_read(&v->users, v->census, p, task);
	n = nproc_levels(&v->users, task, levels, &hidden);
	for (size_t i = 0; i < n; i++)
		add_nproc_level(v, task, &levels[i], i ? levels[i - 1].user : NULL, c);
	if (n == 0) {
		struct limit *l = add(c, LIMIT_NPROC, xstrdup("user unknown"));

		l->has_max = task->has_limit;
		l->max = task->limit;
		l->applies = task->exempt != TRI_YES;
	}
	if (!hidden || task->exempt == TRI_YES)
		return;
	c->hidden = true;
	if (n > 0)
		sight_remark(v->sight, REMARK_USERNS_AROUND_HIDDEN);
}

static void judge(struct limit_case *c)
{
	c->answer = headroom_judge(c->limits, c->n);
	/* whatever is hidden, less than nothing cannot fit */
	c->answer.unknown |= c->hidden && !(c->answer.has_total && c->answer.total == 0);
}

void limits_of_process(struct limits_view *v, const struct process *p, struct limit_case *ret)
{
	auto_free char *path = NULL;
	const struct process *charged = p;

	*ret = (struct limit_case){ .process = p };
	/* v1 shows no cgroup of one without a living thread: whoever it was charged with */
	if (process_is_zombie(p) && p->threads <= 1 && !v->tree.v2 && census_parent(v->census, p))
		charged = census_parent(v->census, p);
	if (v->has_tree) {
		path = limits_cgroup_of(v, charged);
		add_cgroups(v, path, ret);
	}
	add_pidns(v, children_go_to(v, p, ret), ret);
	add_threads_max(v, ret);
	if (v->want & LIMITS_USERS)
		add_nproc(v, p, ret);
	judge(ret);
}

void limits_find_holders(const struct limits_view *v, struct limit_case *c)
{
	if (c->answer.binding < 0 || c->limits[c->answer.binding].dead)
		return;
	c->holders = xcalloc(1, sizeof(*c->holders));
	limit_holders_find(v, &c->limits[c->answer.binding], c->holders);
}

void limits_of_cgroup(struct limits_view *v, const char *path, struct limit_case *ret)
{
	*ret = (struct limit_case){ .cgroup = xstrdup(path) };
	add_cgroups(v, path, ret);
	judge(ret);
}

void limits_of_pidns(struct limits_view *v, size_t at, struct limit_case *ret)
{
	const struct pidns *ns = &v->pidns.list[at];

	*ret = (struct limit_case){ .process = ns->init ? ns->init : ns->member };
	add_pidns(v, at, ret);
	judge(ret);
}

void limits_of_machine(struct limits_view *v, struct limit_case *ret)
{
	*ret = (struct limit_case){ .cgroup = xstrdup("/") };
	add_threads_max(v, ret);
	judge(ret);
}

void limits_of_user(struct limits_view *v, const struct nproc_user *user, struct limit_case *ret)
{
	*ret = (struct limit_case){ .process = census_find(v->census, user->pid) };
	add_nproc(v, ret->process, ret);
	judge(ret);
}

void limit_case_done(struct limit_case *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->limits[i].name);
	if (c->holders)
		limit_holders_done(c->holders);
	free(c->holders);
	free(c->limits);
	free(c->cgroup);
	*c = (struct limit_case){ 0 };
}
