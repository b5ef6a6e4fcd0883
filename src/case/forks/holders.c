/* SPDX-License-Identifier: MIT */
#include "case/forks/holders.h"

#include "base/parallel.h"

#define MIN_PER_THREAD 256

/* One process, as it is charged. */
struct charge {
	const char *path; /* of its cgroup, NULL: not known; borrowed */
	const char *comm; /* borrowed */
	uint32_t uid;
	bool has_uid;
	pid_t pid;
	uint64_t threads, zombies;
};

struct job {
	const struct limits_view *v;
	char **paths; /* owned, each; parallel to the census */
};

/* -- where each process is charged -- */

static int compare_ids(const void *a, const void *b)
{
	const struct cgroup_level *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* BPF knows the cgroup of each, zombies too */
static void paths_by_id(const struct job *job)
{
	const struct census *c = job->v->census;
	struct cgroup_levels all = { 0 };

	(void)cgroup_walk(&job->v->tree, false, &all); /* what it cannot read stays unknown */
	if (all.n > 0)
		qsort(all.v, all.n, sizeof(*all.v), compare_ids);
	for (size_t i = 0; i < c->n && all.n > 0; i++) {
		const struct process_kernel *kernel = census_kernel(c, &c->procs[i]);
		const struct cgroup_level key = { .id = kernel ? kernel->cgroup_id : 0 };
		const struct cgroup_level *found =
			bsearch(&key, all.v, all.n, sizeof(*all.v), compare_ids);

		if (found)
			job->paths[i] = xstrdup(found->path);
	}
	cgroup_levels_done(&all);
}

static void path_by_file(void *arg, size_t i)
{
	const struct job *job = arg;
	const struct census *c = job->v->census;
	const struct process *p = &c->procs[i];

	/* v1 shows "/" for every zombie (cgroups(7)) */
	if (process_is_zombie(p) && p->threads <= 1 && !job->v->tree.v2)
		p = census_parent(c, p);
	if (p)
		job->paths[i] = limits_cgroup_of(job->v, p);
}

/* -- whether that counts -- */

static bool user_is_within(const struct nproc_users *u, long at, long outer)
{
	for (size_t level = 0; at >= 0 && level < NPROC_MAX_LEVELS; level++) {
		if (at == outer)
			return true;
		at = u->v[at].outer;
	}
	return false;
}

static bool counts(const struct job *job, const struct limit *l, size_t i)
{
	const struct limits_view *v = job->v;

	switch (l->kind) {
	case LIMIT_CGROUP:
		return job->paths[i] && cgroup_path_covers(l->name, job->paths[i]);
	case LIMIT_PID_MAX:
		/* one that the map does not know holds all that is in sight */
		return l->at < 0 || pidns_is_inside(&v->pidns, v->pidns.of[i], (size_t)l->at);
	case LIMIT_NPROC:
		return l->at >= 0 && user_is_within(&v->users, v->users.tasks[i].user, l->at);
	default:
		return true;
	}
}

static struct charge charge_of(const struct job *job, size_t i)
{
	const struct limits_view *v = job->v;
	const struct process *p = &v->census->procs[i], *holder = p;
	const struct nproc_task *task;
	struct charge charge = { .path = job->paths[i] };

	if (process_is_zombie(p) && p->threads <= 1) {
		charge.zombies = 1;
		if (census_parent(v->census, p))
			holder = census_parent(v->census, p);
	} else {
		charge.threads = p->threads;
	}
	charge.comm = holder->comm;
	charge.pid = holder->pid;
	task = v->users.tasks ? &v->users.tasks[holder - v->census->procs] : NULL;
	if (task && task->user >= 0) {
		charge.has_uid = true;
		charge.uid = v->users.v[task->user].uid;
	}
	return charge;
}

/* -- the largest -- */

static int compare_charges(const void *a, const void *b)
{
	const struct charge *x = a, *y = b;
	int order = strcmp(x->path ? x->path : "", y->path ? y->path : "");

	if (order == 0)
		order = strcmp(x->comm, y->comm);
	if (order == 0 && x->has_uid != y->has_uid)
		order = x->has_uid ? 1 : -1;
	if (order == 0)
		order = (x->uid > y->uid) - (x->uid < y->uid);
	return order;
}

static int compare_sizes(const void *a, const void *b)
{
	const struct charge *x = a, *y = b;
	uint64_t m = x->threads + x->zombies, n = y->threads + y->zombies;

	return m != n ? (m < n ? 1 : -1) : (x->pid > y->pid) - (x->pid < y->pid);
}

static size_t merge(struct charge *list, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(list, n, sizeof(*list), compare_charges);
	for (size_t i = 1; i < n; i++) {
		if (compare_charges(&list[kept], &list[i]) != 0) {
			list[++kept] = list[i];
			continue;
		}
		list[kept].threads += list[i].threads;
		list[kept].zombies += list[i].zombies;
	}
	qsort(list, kept + 1, sizeof(*list), compare_sizes);
	return kept + 1;
}

static void take(struct limit_holders *ret, const struct charge *charge)
{
	struct limit_holder *h;

	if (ret->n == MAX_HOLDERS) {
		ret->rest += charge->threads + charge->zombies;
		return;
	}
	h = &ret->list[ret->n++];
	*h = (struct limit_holder){ .has_uid = charge->has_uid,
				    .uid = charge->uid,
				    .pid = charge->pid,
				    .threads = charge->threads,
				    .zombies = charge->zombies };
	memcpy(h->comm, charge->comm, sizeof(h->comm));
	if (charge->path) {
		h->cgroup = xstrdup(charge->path);
		h->in_container = container_from_path(charge->path, &h->container);
	}
}

void limit_holders_find(const struct limits_view *v, const struct limit *limit,
			struct limit_holders *ret)
{
	const struct census *c = v->census;
	auto_free char **paths = xcalloc(c->n, sizeof(*paths));
	auto_free struct charge *charges = xcalloc(c->n, sizeof(*charges));
	struct job job = { v, paths };
	size_t n = 0;

	*ret = (struct limit_holders){ 0 };
	if (v->has_tree && c->kernel)
		paths_by_id(&job);
	else if (v->has_tree)
		parallel_for(c->n, MIN_PER_THREAD, path_by_file, &job);
	for (size_t i = 0; i < c->n; i++)
		if (counts(&job, limit, i))
			charges[n++] = charge_of(&job, i);
	n = merge(charges, n);
	for (size_t i = 0; i < n; i++)
		take(ret, &charges[i]);
	for (size_t i = 0; i < c->n; i++)
		free(paths[i]);
}

void limit_holders_done(struct limit_holders *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->list[i].cgroup);
	*h = (struct limit_holders){ 0 };
}
