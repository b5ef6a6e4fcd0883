/* SPDX-License-Identifier: MIT */
/* Where a process comes from, what ties it to others, and what the end of its parent does to it. */
#include "case/explain/explain_case.h"
#include "inspect/trace/tracer.h"

#define MOST_CHILDREN 256 /* each may cost a look at its masks */

static void find_kin(struct explain_case *e)
{
	const uint32_t *of = e->heirs->map.of;
	const struct process *p = e->subject;

	for (; p && e->n_kin < EXPLAIN_MOST_KIN; p = census_parent(e->c, p)) {
		const struct process_kernel *kernel = census_kernel(e->c, p);
		struct kin *k = &e->kin[e->n_kin++];

		k->process = p;
		k->rank = heirs_kind(e->heirs, p, &k->inferred);
		if (k->rank == HEIR_NONE && kernel && kernel->subreaper)
			k->rank = HEIR_SUBREAPER;
		if (e->n_kin > 1)
			k[-1].enters = of[k[-1].process - e->c->procs] != of[p - e->c->procs];
	}
	for (; p && e->n_above < e->c->n; p = census_parent(e->c, p))
		e->n_above++;
}

static void find_adoption(struct sight *sight, struct explain_case *e)
{
	e->born_of = census_parent(e->c, e->subject);
	e->adoption = adoption_of(&e->heirs->adoptions, e->c, e->subject);
	e->replaced = e->born_of && e->adoption->adopted == TRI_NO &&
		      cases_replaced(e->c, e->subject, e->born_of) == TRI_YES;
	e->pdeath = fate_by_pdeath(sight, e->c, e->subject);
}

/* Of its living children, those that go with it */
static void count_fates(struct sight *sight, struct explain_case *e)
{
	const struct process *child;
	size_t looked = 0;

	if (e->heir.heir.rule == HEIR_NONE)
		return;
	for (child = census_first_child(e->c, e->heir.process); child && looked < MOST_CHILDREN;
	     child = census_next_child(e->c, child)) {
		struct fate f;

		if (child->state == 'Z' && child->threads <= 1)
			continue;
		f = fate_of(sight, e->heirs, &e->heir, child);
		e->n_killed += f.exact && f.fate == FATE_KILLED;
		e->n_hung_up += f.exact && f.fate == FATE_HUNG_UP;
		looked++;
	}
}

static void count_children(struct explain_case *e)
{
	const struct process *child;

	for (child = census_first_child(e->c, e->heir.process); child;
	     child = census_next_child(e->c, child)) {
		if (child->state == 'Z')
			e->n_dead++;
		else
			e->n_living++;
	}
}

static bool waits_for(const struct parent_case *p, pid_t pid)
{
	for (size_t i = 0; i < p->evidence.n_threads; i++)
		if (p->evidence.threads[i].waits == THREAD_WAITS_PID &&
		    p->evidence.threads[i].pid == pid)
			return true;
	return false;
}

static void find_ties(struct explain_case *e)
{
	size_t cap = 0;

	for (size_t i = 0; i < e->cases->n; i++) {
		const struct parent_case *p = &e->cases->parents[i];

		if (e->zombie && p->process == e->subject && p->n_zombies > 0)
			e->held = p;
		if (e->zombie || e->subject->state == 'Z' || !p->process ||
		    p->process == e->subject || !waits_for(p, e->subject->pid))
			continue;
		ARRAY_GROW(e->waiters, e->n_waiters, cap);
		e->waiters[e->n_waiters++] = p;
	}
}

/* From /proc each is a file: only those are asked whom a tracer can keep from anything */
static bool may_be_held(const struct process *p)
{
	return p->state == 't' || (p->state == 'Z' && !p->unsettled);
}

static void find_traced(struct explain_case *e)
{
	if (e->details.status.tracer)
		e->tracer = tracer_process(e->c, e->details.status.tracer);
	for (size_t i = 0; e->subject->state != 'Z' && i < e->c->n; i++) {
		const struct process *p = &e->c->procs[i];

		if (!may_be_held(p) || p == e->subject || tracer_of(e->c, p) != e->subject->pid)
			continue;
		if (e->n_traced < EXPLAIN_MOST_TRACED) {
			e->traced[e->n_traced] = p;
			e->traced_parents[e->n_traced] = census_parent(e->c, p);
		}
		e->n_traced++;
	}
}

void explain_find_origin(struct sight *sight, struct explain_case *e)
{
	find_kin(e);
	find_adoption(sight, e);
	if (e->has_heir) {
		count_fates(sight, e);
		count_children(e);
	}
	find_ties(e);
	find_traced(e);
}
