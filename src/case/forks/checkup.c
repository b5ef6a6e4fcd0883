/* SPDX-License-Identifier: MIT */
#include "case/forks/checkup.h"

#include <errno.h>

#include "act/pin.h"
#include "case/heirs/adoptions.h"

static size_t count_orphans(const struct checkup *k, const struct scope *scope)
{
	const struct census *c = k->cases.census;
	struct adoptions adoptions;
	size_t n = 0;

	adoptions_judge(c, &adoptions);
	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i], *shown = p;

		if (adoptions.of[i].adopted != TRI_YES || p->unsettled)
			continue;
		/* a zombie has left its cgroup on v1: it counts where its adopter is */
		if (process_is_zombie(p) && scope->container && census_parent(c, p))
			shown = census_parent(c, p);
		n += limits_in_scope(&k->view, scope, shown);
	}
	adoptions_done(&adoptions);
	return n;
}

/* How long ago the oldest zombie died: between its birth and now, where nothing else is known */
static void find_oldest(const struct sight *sight, struct checkup *k)
{
	const struct census *c = k->cases.census;
	double settled = (double)sight->settle_ms / 1000;

	for (size_t i = 0; i < k->cases.n; i++) {
		const struct parent_case *p = &k->cases.parents[i];

		for (size_t z = 0; z < p->n_zombies; z++) {
			const struct process_kernel *kernel = census_kernel(c, p->held[z]);
			bool known = kernel && kernel->died_ns;
			double age = cases_age_s(c, p->held[z]);
			double most = known ? (double)(c->taken_ns - kernel->died_ns) / 1e9 : age;
			double least = known ? most : settled < age ? settled : age;

			if (most > k->oldest_most_s)
				k->oldest_most_s = most;
			if (least > k->oldest_least_s)
				k->oldest_least_s = least;
		}
	}
}

/* Whatever is most of its zombies' verdict: an init that does not reap is one, mixed or not */
static void count_unfit(const struct parent_case *p, struct checkup *k)
{
	bool unfit = false, lasting = false;

	/* it ended as this looked, or what proc said of it was lost; 0 is outside of what can be seen */
	if (!p->process && p->held[0]->ppid > 0)
		k->unfit_maybe++;
	for (size_t i = 0; i < p->n_looked_at; i++) {
		if (p->zombies[i].verdict.code != VERDICT_UNFIT_INIT)
			continue;
		unfit = true;
		lasting |= p->evidence.settled_long || p->zombies[i].evidence.lasting != TRI_NO;
	}
	k->unfit_inits += unfit;
	k->unfit_lasting += lasting;
}

static void find_worst(struct checkup *k)
{
	for (size_t i = 0; i < k->cases.n; i++) {
		const struct parent_case *p = &k->cases.parents[i];

		count_unfit(p, k);
		if (p->n_zombies > k->most_per_parent)
			k->most_per_parent = p->n_zombies;
	}
	k->fullest_percent = -1;
	for (size_t i = 0; i < k->found.n; i++) {
		const struct limit_case *found = &k->found.cases[i];

		/* the levels above are cases of their own, if they can be seen */
		for (size_t n = 0; n < found->n; n++) {
			double percent = limit_usage(&found->limits[n]);

			if (!found->limits[n].applies || percent <= k->fullest_percent)
				continue;
			k->fullest = &found->limits[n];
			k->fullest_percent = percent;
		}
	}
}

static struct unseen unseen_by_look(const struct census *c)
{
	if (c->n_denied)
		return (struct unseen){ UNSEEN_DENIED, c->n_denied };
	if (c->n_malformed)
		return (struct unseen){ UNSEEN_MALFORMED, c->n_malformed };
	if (census_is_partial(c))
		return (struct unseen){ UNSEEN_HIDDEN, 0 };
	return (struct unseen){ UNSEEN_NOTHING, 0 };
}

static struct unseen what_is_unseen(const struct checkup *k, const struct scope *scope)
{
	const struct census *c = k->cases.census;
	bool narrowed = scope->by_pidns || scope->container;
	struct unseen unseen = unseen_by_look(c);

	/* a zombie that the first look could not read counts as one that came since */
	if (unseen.kind == UNSEEN_NOTHING && c->earlier)
		unseen = unseen_by_look(c->earlier);
	if (unseen.kind != UNSEEN_NOTHING)
		return unseen;
	if (k->cases.n_unread)
		return (struct unseen){ UNSEEN_PARTS, k->cases.n_unread };
	if (narrowed && k->found.n_in_scope == 0 && k->cases.n_zombies == 0)
		return (struct unseen){ scope->container ? UNSEEN_CONTAINER : UNSEEN_PIDNS, 0 };
	if (scope->by_pidns && !c->kernel && k->view.pidns.n_denied)
		return (struct unseen){ UNSEEN_MEMBERS, k->view.pidns.n_denied };
	return (struct unseen){ UNSEEN_NOTHING, 0 };
}

int checkup_take(struct sight *sight, bool exact, struct checkup *ret)
{
	const unsigned want = LIMITS_USERS | LIMITS_OF_ALL | (exact ? LIMITS_EXACT : 0);
	int r;

	*ret = (struct checkup){ 0 };
	r = cases_collect(sight, CASES_BRIEF, &ret->cases);
	if (r < 0)
		return r;
	r = scope_resolve(sight, ret->cases.census, &ret->scope);
	if (r < 0) {
		cases_done(&ret->cases);
		return r;
	}
	limits_view_open(sight, ret->cases.census, want, NULL, &ret->view);
	limits_find(&ret->view, &ret->scope, false, &ret->found);
	missing_note_cases(sight, &ret->cases, &ret->view.missing);
	ret->orphans = count_orphans(ret, &ret->scope);
	find_oldest(sight, ret);
	find_worst(ret);
	ret->unseen = what_is_unseen(ret, &ret->scope);
	ret->may_act = pin_check_procfs(sight->procfd) == 0;
	r = sight_complete(sight);
	if (r < 0)
		checkup_done(ret);
	return r;
}

void checkup_done(struct checkup *c)
{
	limits_found_done(&c->found);
	limits_view_done(&c->view);
	cases_done(&c->cases);
	*c = (struct checkup){ 0 };
}
