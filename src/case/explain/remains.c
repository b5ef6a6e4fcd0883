/* SPDX-License-Identifier: MIT */
/* What is left of what is dead: the threads of a dead main thread, the members of a dying PID namespace. */
#include <signal.h>

#include "case/explain/explain_case.h"
#include "case/zombies/dying.h"
#include "limits/freezer.h"

struct thaw explain_find_thaw(const struct sight *sight, const struct details *d)
{
	struct thaw thaw = { .cgroupfs = sight->cgroupfs };
	struct freezer freezer;

	freezer_open(sight->cgroupfd, &freezer);
	thaw.path = cgroup_freezer_switch(&freezer, d->cgroups, d->cgroups_len, &thaw.off);
	freezer_close(&freezer);
	return thaw;
}

static void look_at_thread(const struct explain_case *e, const struct thread *t,
			   struct live_thread *ret)
{
	ret->thread = t;
	sleeper_read(e->c, e->subject, t->tid, &ret->sleeper);
}

void explain_find_remains(struct sight *sight, struct explain_case *e)
{
	const struct details *d = &e->remains.details;
	const bool from_ancestor = details_depth(&e->details) > 0;

	if (!e->has_remains)
		return;
	for (size_t i = 0; i < d->n_threads; i++) {
		const struct thread *t = &d->threads[i];

		if (t->state == 'D' && !t->in_vfork && !e->stuck.thread)
			look_at_thread(e, t, &e->stuck);
		if (t->state == 'Z' || t->state == 'X')
			continue;
		if (e->n_live < EXPLAIN_MOST_THREADS)
			look_at_thread(e, t, &e->live[e->n_live]);
		e->n_live++;
	}
	e->remains_killed = signal_kill_pending(&e->remains.target);
	if (e->remains.target.frozen == TRI_YES)
		e->remains_thaw = explain_find_thaw(sight, d);
	e->remains_term = signal_judge(&e->remains.target, SIGTERM, from_ancestor);
	e->remains_kill = signal_judge(&e->remains.target, SIGKILL, from_ancestor);
}

/* The init of the subject's or its parent's namespace, if that one is dying; NULL: it is not */
static const struct process *dying_init(const struct explain_case *e)
{
	const struct pidns_map *map = &e->heirs->map;
	const struct process *init = map->list[map->of[e->subject - e->c->procs]].init;

	if (e->dying)
		return e->dying;
	return init && dying_is(e->c, init) == TRI_YES ? init : NULL;
}

static bool is_frozen(const struct sight *sight, const struct details *d)
{
	struct freezer freezer;
	bool frozen;

	if (!details_has(d, WANT_CGROUP))
		return false;
	freezer_open(sight->cgroupfd, &freezer);
	frozen = cgroup_frozen(&freezer, d->cgroups, d->cgroups_len, NULL) == TRI_YES;
	freezer_close(&freezer);
	return frozen;
}

static void look_at_member(struct sight *sight, const struct explain_case *e, struct member *m)
{
	const unsigned want = WANT_STATUS | WANT_CGROUP | WANT_THREADS;
	struct details d;

	if (details_read(e->c, m->process, want, &d) == 0) {
		m->frozen = is_frozen(sight, &d);
		if (m->frozen)
			m->thaw = explain_find_thaw(sight, &d);
		for (size_t i = 0; !m->frozen && !m->deep && i < d.n_threads; i++)
			if (d.threads[i].state == 'D')
				m->deep = d.threads[i].tid;
		if (m->deep)
			sleeper_read(e->c, m->process, m->deep, &m->sleeper);
	}
	details_done(&d);
}

/* Who else is left in the PID namespace of a dying init */
static void find_awaited(struct explain_case *e)
{
	const uint32_t *of = e->heirs->map.of;
	const uint32_t place = of[e->dying - e->c->procs];
	struct awaited *a = &e->awaited;

	for (size_t i = 0; i < e->c->n; i++) {
		const struct process *p = &e->c->procs[i];

		if (of[i] != place || p == e->dying)
			continue;
		a->first = a->first ? a->first : p;
		a->n++;
	}
	a->parent = a->first ? census_parent(e->c, a->first) : NULL;
	a->outside = a->parent && of[a->parent - e->c->procs] != place;
}

void explain_find_members(struct sight *sight, struct explain_case *e)
{
	const uint32_t *of = e->heirs->map.of;
	const struct process *init = dying_init(e);

	e->dying_init = init;
	if (e->dying)
		find_awaited(e);
	for (size_t i = 0; init && i < e->c->n && e->n_members < EXPLAIN_MOST_MEMBERS; i++) {
		const struct process *p = &e->c->procs[i];

		if (of[i] != of[init - e->c->procs] || p == init ||
		    (p->state == 'Z' && p->threads <= 1))
			continue;
		e->members[e->n_members].process = p;
		look_at_member(sight, e, &e->members[e->n_members++]);
	}
}
