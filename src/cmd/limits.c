/* SPDX-License-Identifier: MIT */
#include "cmd/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "limits/kernel.h"

static struct limit *add(struct limit_case *c, enum limit_kind kind, char *name)
{
	ARRAY_GROW(c->limits, c->n, c->cap);
	c->limits[c->n] = (struct limit){ .kind = kind, .name = name, .applies = true };
	return &c->limits[c->n++];
}

static void add_cgroups(struct limits_view *v, const char *path, struct limit_case *c)
{
	struct cgroup_levels levels = { 0 };

	if (!v->has_tree)
		return;
	if (cgroup_levels_read(&v->tree, path, &levels) < 0) {
		context_note(v->ctx, "a cgroup's pids.max or pids.current holds no number");
		return;
	}
	if (!path)
		context_note(v->ctx,
			     "a cgroup lies outside of what %s shows: its limits are hidden",
			     v->ctx->options.cgroupfs);
	else if (levels.missing)
		context_note(v->ctx,
			     "a cgroup is not found below %s: only those above it are shown",
			     v->ctx->options.cgroupfs);
	for (size_t i = 0; i < levels.n; i++) {
		const struct cgroup_level *level = &levels.v[i];
		struct limit *l = add(c, LIMIT_CGROUP, xstrdup(level->path));

		l->owner = cgroup_owner(level->path);
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
	c->hidden |= levels.hidden;
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
			     file_read_u64_at(v->ctx->procfd, "sys/kernel/pid_max", &l->max) == 0;
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
	l->has_current = known->has_used;
	l->current = known->used;
	l->has_max = known->has_max;
	l->max = known->max;
	l->exhausted = known->full;
	l->numbers = known->numbers;
	l->has_zombies = !census_is_partial(v->census) &&
			 (ns->depth == 0 || v->pidns.n_denied == 0);
	for (size_t i = 0; i < v->pidns.n; i++)
		if (ns->depth == 0 || limits_is_inside(v, i, at))
			l->zombies += v->pidns.list[i].zombies;
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

static void add_threads_max(struct limits_view *v, struct limit_case *c)
{
	struct limit *l = add(c, LIMIT_THREADS_MAX, xstrdup("the whole machine"));
	uint64_t now, max;

	if (threads_max_read(v->ctx->procfd, &now, &max) == 0) {
		l->has_current = l->has_max = true;
		l->current = now;
		l->max = max;
	}
	/* from inside of a PID namespace not all of the machine's are seen */
	for (size_t i = 0; i < v->pidns.n; i++)
		l->has_zombies |= v->pidns.list[i].inode == PIDNS_INIT_INODE;
	for (size_t i = 0; i < v->census->n; i++)
		l->zombies += process_is_zombie(&v->census->procs[i]);
}

static void add_nproc(struct limits_view *v, const struct process *p, struct limit_case *c)
{
	struct nproc_task *task = &v->users.tasks[p - v->census->procs];
	const struct nproc_user *user = nproc_user_of(&v->users, task);
	struct limit *l;

	if (!user) {
		(void)add(c, LIMIT_NPROC, xstrdup("user unknown"));
		return;
	}
	if (!task->has_limit)
		nproc_limit_read(v->census, p, task);
	l = add(c, LIMIT_NPROC, xasprintf("uid %" PRIu32, task->uid));
	l->has_current = true;
	l->partial = v->partial;
	l->has_zombies = !l->partial;
	l->current = user->tasks;
	l->zombies = user->zombies;
	l->has_max = task->has_limit;
	l->max = task->limit;
	l->applies = !task->exempt && !(task->has_limit && task->limit == UINT64_MAX);
	if (l->applies && v->partial && !census_is_partial(v->census))
		context_note(
			v->ctx,
			"tasks outside of this PID namespace are not seen: those of the same user count for nproc too");
	if (task->exempt)
		l->owner = xstrdup("does not bind root, CAP_SYS_RESOURCE and CAP_SYS_ADMIN");
}

static void judge(struct limit_case *c)
{
	c->answer = headroom_judge(c->limits, c->n);
	c->answer.unknown |= c->hidden;
}

void limits_of_process(struct limits_view *v, const struct process *p, struct limit_case *ret)
{
	auto_free char *path = NULL;
	pid_t pid = p->pid;

	*ret = (struct limit_case){ .process = p };
	/* v1 shows no cgroup of a zombie: whoever it was charged with */
	if (process_is_zombie(p) && !v->tree.v2 && census_parent(v->census, p))
		pid = p->ppid;
	if (v->has_tree) {
		path = limits_cgroup_of(v, pid);
		add_cgroups(v, path, ret);
	}
	add_pidns(v, v->pidns.of[p - v->census->procs], ret);
	add_threads_max(v, ret);
	if (v->want & LIMITS_USERS)
		add_nproc(v, p, ret);
	judge(ret);
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
	for (size_t i = 0; i < c->n; i++) {
		free(c->limits[i].name);
		free(c->limits[i].owner);
	}
	free(c->limits);
	free(c->cgroup);
	*c = (struct limit_case){ 0 };
}
