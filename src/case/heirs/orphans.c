/* SPDX-License-Identifier: MIT */
#include "case/heirs/orphans.h"

#include <errno.h>

#include "case/missing.h"
#include "case/scope.h"
#include "case/zombies/cases.h"
#include "inspect/cmdline.h"

/* cgroup v1 moves the dead to the root: they belong where their adopter is */
static void place_zombie(const struct census *c, struct orphan *o)
{
	struct details d;

	if (o->process->state != 'Z' || o->details.in_container ||
	    details_read(c, o->adopter, WANT_CGROUP, &d) < 0)
		return;
	o->details.in_container = d.in_container;
	o->details.container = d.container;
	d.container = (struct container){ 0 };
	details_done(&d);
}

/* Returns whether it is one, with details to free */
static bool look(const struct orphans *all, const struct process *p, struct orphan *ret)
{
	const struct census *c = all->census;

	*ret = (struct orphan){
		.process = p,
		.adopter = census_parent(c, p),
		.adoption = adoption_of(&all->adoptions, c, p),
		.age_s = cases_age_s(c, p),
	};
	if (ret->adoption->adopted != TRI_YES || !ret->adopter ||
	    (p->state == 'Z' && p->unsettled) ||
	    details_read(c, p, WANT_STATUS | WANT_PIDNS | WANT_CGROUP, &ret->details) == -ESRCH)
		return false;
	place_zombie(c, ret);
	return true;
}

static void pick(struct orphans *all, const struct scope *scope, struct missing *missing)
{
	const struct census *c = all->census;

	for (size_t i = 0; i < c->n; i++) {
		struct orphan o;

		if (!look(all, &c->procs[i], &o))
			continue;
		if (!scope_has_process(scope, c, o.process, &o.details) ||
		    !scope_has_container(scope, &o.details)) {
			details_done(&o.details);
			continue;
		}
		missing_add(missing, &o.details);
		ARRAY_GROW(all->list, all->n, all->cap);
		all->list[all->n++] = o;
	}
}

static void read_cmdlines(struct orphans *all)
{
	auto_free struct details **list = xcalloc(all->n, sizeof(*list));

	for (size_t i = 0; i < all->n; i++)
		list[i] = &all->list[i].details;
	details_read_cmdlines(all->census, list, all->n);
}

int orphans_collect(struct sight *sight, struct orphans *ret)
{
	struct scope scope;
	int r = scope_census(sight, &ret->census, &scope);

	if (r < 0)
		return r;
	adoptions_judge(ret->census, &ret->adoptions);
	pick(ret, &scope, &ret->adoptions.missing);
	missing_note(sight, &ret->adoptions.missing);
	if (ret->n == 0)
		return scope_complain_empty(sight, &scope, scope_exists(&scope, ret->census));
	if (sight->whole)
		read_cmdlines(ret);
	return 0;
}

void orphans_done(struct orphans *o)
{
	for (size_t i = 0; i < o->n; i++)
		details_done(&o->list[i].details);
	free(o->list);
	adoptions_done(&o->adoptions);
	census_free(o->census);
}
