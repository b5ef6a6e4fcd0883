/* SPDX-License-Identifier: MIT */
#include "case/forks/measures.h"

#include "base/duration.h"

static int compare_zombies(const void *a, const void *b)
{
	const struct measured_pidns *x = a, *y = b;

	if (x->zombies != y->zombies)
		return (x->zombies < y->zombies) - (x->zombies > y->zombies);
	return (x->processes < y->processes) - (x->processes > y->processes);
}

static int compare_names(const void *a, const void *b)
{
	const struct measured_pidns *x = a, *y = b;
	int order;

	if (x->details.in_container != y->details.in_container)
		return x->details.in_container ? 1 : -1;
	if (x->details.in_container) {
		order = strcmp(x->details.container.runtime, y->details.container.runtime);
		if (order == 0)
			order = strcmp(x->details.container.id, y->details.container.id);
		if (order != 0)
			return order;
	}
	return strcmp(pidns_init_comm(x->ns), pidns_init_comm(y->ns));
}

static void find_container(const struct census *c, const struct pidns *ns, struct details *ret)
{
	const struct process *p = ns->init ? ns->init : ns->member;

	if (!p || details_read(c, p, WANT_CGROUP, ret) < 0)
		*ret = (struct details){ 0 };
}

/* Those that are named alike become one */
static void merge_pidns(struct measures *m)
{
	size_t kept = 0;

	if (m->n_pidns == 0)
		return;
	qsort(m->pidns, m->n_pidns, sizeof(*m->pidns), compare_names);
	for (size_t i = 1; i < m->n_pidns; i++) {
		if (compare_names(&m->pidns[kept], &m->pidns[i]) != 0) {
			m->pidns[++kept] = m->pidns[i];
			continue;
		}
		m->pidns[kept].processes += m->pidns[i].processes;
		m->pidns[kept].zombies += m->pidns[i].zombies;
		details_done(&m->pidns[i].details);
	}
	m->n_pidns = kept + 1;
	qsort(m->pidns, m->n_pidns, sizeof(*m->pidns), compare_zombies);
}

static void find_pidns(struct measures *m)
{
	const struct pidns_map *map = &m->checkup.view.pidns;
	const struct census *c = m->checkup.cases.census;
	auto_free bool *wanted = xcalloc(map->n, sizeof(*wanted));

	m->pidns = xcalloc(map->n, sizeof(*m->pidns));
	scope_mark_pidns(&m->checkup.scope, c, map, wanted);
	for (size_t i = 0; i < map->n; i++) {
		const struct pidns *ns = &map->list[i];
		struct measured_pidns *one = &m->pidns[m->n_pidns];

		if (!wanted[i])
			continue;
		*one = (struct measured_pidns){ .ns = ns,
						.processes = ns->processes,
						.zombies = ns->zombies };
		find_container(c, ns, &one->details);
		m->n_pidns++;
	}
	m->all_pidns = m->n_pidns;
	merge_pidns(m);
}

static int compare_usage(const void *a, const void *b)
{
	double x = limit_usage(((const struct measured_limit *)a)->limit);
	double y = limit_usage(((const struct measured_limit *)b)->limit);

	return (x < y) - (x > y);
}

static void find_limits(struct measures *m)
{
	const struct limits_found *found = &m->checkup.found;
	const struct limits_view *view = &m->checkup.view;

	m->limits = xcalloc(found->n, sizeof(*m->limits));
	/* each case's own limit: those above are cases of their own */
	for (size_t i = 0; i < found->n; i++) {
		const struct limit *l = found->cases[i].n ? &found->cases[i].limits[0] : NULL;
		struct measured_limit *one = &m->limits[m->n_limits];

		if (!l || !l->applies || !l->has_current || limit_usage(l) < 0)
			continue;
		one->limit = l;
		if (l->kind == LIMIT_PID_MAX && l->at >= 0) {
			one->ns = &view->pidns.list[l->at];
			find_container(view->census, one->ns, &one->details);
		}
		if (l->kind == LIMIT_NPROC && l->at >= 0) {
			one->user = &view->users.v[l->at];
			one->own_userns = one->user->userns == view->users.own_userns;
		}
		m->n_limits++;
	}
	if (m->n_limits > 0)
		qsort(m->limits, m->n_limits, sizeof(*m->limits), compare_usage);
}

int measures_take(struct sight *sight, size_t top, struct measures *ret)
{
	int64_t began_ns = clock_ns(CLOCK_MONOTONIC), done_ms;
	int r = checkup_take(sight, true, &ret->checkup);

	if (r < 0)
		return r;
	ret->top = top;
	find_pidns(ret);
	find_limits(ret);
	ret->took_s = (double)(clock_ns(CLOCK_MONOTONIC) - began_ns) / 1e9;
	done_ms = clock_ns(CLOCK_REALTIME) / 1000000;
	ret->done_s = (double)done_ms / 1000;
	return 0;
}

void measures_done(struct measures *m)
{
	for (size_t i = 0; i < m->n_pidns; i++)
		details_done(&m->pidns[i].details);
	free(m->pidns);
	for (size_t i = 0; i < m->n_limits; i++)
		details_done(&m->limits[i].details);
	free(m->limits);
	free(m->failure);
	checkup_done(&m->checkup);
}
