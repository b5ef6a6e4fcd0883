/* SPDX-License-Identifier: MIT */
#include "case/acts/reaping.h"

#include "case/missing.h"
#include "case/scope.h"

#define NS_PER_MS INT64_C(1000000)

static enum whose whose_is(const struct zombie_case *z, bool *ret_proven)
{
	return whose_judge(&(struct whose_evidence){ z->evidence.adopted,
						     z->evidence.adopted_proven,
						     z->evidence.replaced },
			   ret_proven);
}

/* For its own ones: the parent may still come for the young */
static enum reap_spared spared_by_age(const struct cases *cases, const struct zombie_case *z,
				      uint64_t min_age_ms)
{
	const struct process_kernel *kernel = census_kernel(cases->census, z->process);
	int64_t died_by;

	if (min_age_ms == 0)
		return SPARED_NOT;
	if (!z->death_known || !kernel)
		return SPARED_UNKNOWN_AGE;
	died_by = z->died_ns + kernel->died_error_ns;
	return cases->census->taken_ns - died_by < (int64_t)min_age_ms * NS_PER_MS ? SPARED_YOUNG :
										     SPARED_NOT;
}

/* The numbers run from coroner's PID namespace inward: the parent is as deep as it has numbers */
static pid_t number_inside(const struct parent_case *p, const struct zombie_case *z)
{
	const struct proc_status *parent = &p->details.status, *zombie = &z->details.status;
	int level = parent->n_ns_pids - 1;

	if (!details_has(&p->details, WANT_STATUS) || !details_has(&z->details, WANT_STATUS) ||
	    level < 0 || level >= zombie->n_ns_pids)
		return 0;
	return zombie->ns_pids[level];
}

static enum reap_spared spared(const struct cases *cases, const struct zombie_case *z,
			       const struct reap_item *item, const struct reap_choice *choice)
{
	if (z->evidence.threads > 1)
		return SPARED_THREADS_ALIVE;
	if (z->evidence.traced == TRI_YES)
		return SPARED_TRACED;
	if (item->inside <= 0)
		return SPARED_NO_NUMBER;
	if (census_is_newborn(cases->census, z->process))
		return SPARED_NEWBORN;
	if (item->whose == WHOSE_ADOPTED || item->whose == WHOSE_EARLIER)
		return SPARED_NOT;
	if (!choice->own)
		return item->whose == WHOSE_OWN ? SPARED_OWN : SPARED_UNKNOWN_WHOSE;
	return spared_by_age(cases, z, choice->min_age_ms);
}

static void fill_items(const struct cases *cases, const struct reap_choice *choice,
		       struct reaping *r)
{
	r->n_items = r->parent->n_looked_at;
	r->items = xcalloc(r->n_items, sizeof(*r->items));
	for (size_t i = 0; i < r->n_items; i++) {
		const struct zombie_case *z = &r->parent->zombies[i];
		struct reap_item *item = &r->items[i];

		item->zombie = z->process;
		item->inside = number_inside(r->parent, z);
		item->whose = whose_is(z, &item->whose_proven);
		item->spared = spared(cases, z, item, choice);
		r->n_chosen += item->spared == SPARED_NOT;
	}
}

bool reaping_would_help(const struct parent_case *p, bool nudged)
{
	bool proven;

	if (!p->process || (p->verdict.nudge == NUDGE_MAY_HELP && !nudged) ||
	    p->evidence.frozen == TRI_YES || p->evidence.core_dumping ||
	    !verdict_traits(p->verdict.code)->lacks_wait)
		return false;
	for (size_t i = 0; i < p->n_looked_at; i++) {
		const struct zombie_case *z = &p->zombies[i];
		enum whose whose = whose_is(z, &proven);

		if ((whose == WHOSE_ADOPTED || whose == WHOSE_EARLIER) &&
		    z->evidence.threads <= 1 && z->evidence.traced != TRI_YES)
			return true;
	}
	return false;
}

static const struct parent_case *find_case(const struct cases *cases, pid_t pid)
{
	for (size_t i = 0; i < cases->n; i++)
		if (cases->parents[i].process && cases->parents[i].process->pid == pid)
			return &cases->parents[i];
	return NULL;
}

static struct reaping *find_or_add(struct reapings *all, pid_t pid)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].pid == pid)
			return &all->list[i];
	all->list[all->n] =
		(struct reaping){ .pid = pid, .result = { .nr = -1, .interrupted = -1 } };
	return &all->list[all->n++];
}

/* A parent may be outside of the scope that its zombies are in */
static bool is_refused(const struct cases *cases, const struct scope *scope,
		       const struct process *p, const struct parent_case *parent)
{
	return p && (!parent || process_is_zombie(p)) && !scope_holds(scope, cases->census, p);
}

/* One operand: a parent, or a zombie, which means its parent */
static void add(const struct cases *cases, const struct scope *scope, pid_t pid,
		struct reapings *all)
{
	const struct process *p = census_find(cases->census, pid);
	const struct parent_case *parent = find_case(cases, pid);
	struct reaping *r;

	if (is_refused(cases, scope, p, parent)) {
		parent = NULL;
		r = find_or_add(all, pid);
		r->problem = REAP_NOT_IN_SCOPE;
	} else if (!parent && p && process_is_zombie(p)) {
		parent = find_case(cases, p->ppid);
		r = find_or_add(all, parent ? p->ppid : pid);
		r->problem = parent ? REAP_NO_PROBLEM : REAP_PARENT_OUT_OF_SIGHT;
	} else {
		r = find_or_add(all, pid);
		r->asked_whole = true;
		r->problem = !p ? REAP_NOT_IN_SIGHT : parent ? REAP_NO_PROBLEM : REAP_HOLDS_NONE;
	}
	r->parent = parent;
	if (parent)
		p = parent->process;
	if (p)
		memcpy(r->comm, p->comm, sizeof(r->comm));
}

static bool is_among(pid_t pid, const pid_t *pids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

static void keep_asked(struct reaping *r, const pid_t *pids, size_t n)
{
	for (size_t i = 0; !r->asked_whole && i < r->n_items; i++) {
		struct reap_item *item = &r->items[i];

		if (is_among(item->zombie->pid, pids, n))
			continue;
		r->n_chosen -= item->spared == SPARED_NOT;
		item->spared = SPARED_NOT_ASKED;
	}
}

static void plan(const struct scope *scope, const struct reap_choice *choice, const pid_t *pids,
		 size_t n, struct reapings *ret)
{
	const struct cases *cases = &ret->cases;
	const bool all = n == 0;
	size_t kept = 0;

	ret->list = xcalloc(n + cases->n, sizeof(*ret->list));
	for (size_t i = 0; i < n; i++)
		add(cases, scope, pids[i], ret);
	for (size_t i = 0; all && i < cases->n; i++)
		if (cases->parents[i].process)
			add(cases, scope, cases->parents[i].process->pid, ret);
	for (size_t i = 0; i < ret->n; i++) {
		struct reaping *r = &ret->list[i];

		if (r->parent)
			fill_items(cases, choice, r);
		keep_asked(r, pids, n);
		if (all && r->n_chosen == 0)
			free(r->items);
		else
			ret->list[kept++] = *r;
	}
	ret->n = kept;
}

int reapings_plan(struct sight *sight, const struct reap_choice *choice, const pid_t *pids,
		  size_t n, struct reapings *ret)
{
	struct cases_about about = { .pids = pids, .n = n };
	struct scope scope;
	int r;

	sight->distinct = true;
	r = n == 0 ? cases_collect(sight, CASES_FULL, &ret->cases) :
		     cases_collect_about(sight, &about, &ret->cases);
	if (r == 0)
		r = scope_resolve(sight, ret->cases.census, &scope);
	if (r < 0)
		return r;
	missing_note_cases(sight, &ret->cases, NULL);
	plan(&scope, choice, pids, n, ret);
	return 0;
}

void reapings_done(struct reapings *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->list[i].items);
		free(r->list[i].left);
	}
	free(r->list);
	cases_done(&r->cases);
	*r = (struct reapings){ 0 };
}

static struct reap_subject subject_of(int procfd, const struct reaping *r)
{
	return r->parent ? (struct reap_subject){ procfd, r->parent->process,
						  r->parent->evidence.frozen } :
			   (struct reap_subject){ 0 };
}

void reapings_rehearse(int procfd, struct reapings *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct reaping *r = &all->list[i];
		const struct reap_subject s = subject_of(procfd, r);

		if (r->n_chosen > 0)
			reap_rehearse(&s, &r->result);
	}
}

static void take(int procfd, struct reaping *r)
{
	const struct reap_subject s = subject_of(procfd, r);
	auto_free struct reap_target *targets = xcalloc(r->n_chosen, sizeof(*targets));
	size_t n = 0;

	for (size_t i = 0; i < r->n_items; i++) {
		const struct reap_item *item = &r->items[i];

		if (item->spared == SPARED_NOT)
			targets[n++] = (struct reap_target){
				.pid = item->zombie->pid,
				.inside = item->inside,
				.start_ticks = item->zombie->start_ticks,
			};
	}
	reap_take(&s, targets, n, &r->result);
	n = 0;
	for (size_t i = 0; i < r->n_items; i++) {
		struct reap_item *item = &r->items[i];

		if (item->spared != SPARED_NOT)
			continue;
		item->fate = targets[n++].fate;
		r->n_taken += item->fate == REAP_TAKEN;
	}
}

bool reaping_is_due(const struct reaping *r)
{
	return r->n_chosen > 0 && r->result.refusal == REAP_ALLOWED;
}

static int compare_item(const void *key, const void *element)
{
	const struct process *zombie = key;
	const struct reap_item *item = element;

	return (zombie->pid > item->zombie->pid) - (zombie->pid < item->zombie->pid);
}

/* The items are in PID order, as the zombies of a case are */
static const struct reap_item *find_item(const struct reaping *r, const struct process *zombie)
{
	const struct reap_item *item =
		bsearch(zombie, r->items, r->n_items, sizeof(*r->items), compare_item);

	return item && process_is_same(item->zombie, zombie) ? item : NULL;
}

static void count(const struct census *now, struct reaping *r)
{
	const struct process *parent = census_find(now, r->pid), *child;

	if (!r->parent || !parent || !process_is_same(parent, r->parent->process))
		return;
	r->after_known = true;
	r->left = xcalloc(parent->n_zombies, sizeof(*r->left));
	for (child = census_first_child(now, parent); child; child = census_next_child(now, child))
		if (process_is_zombie(child) && r->n_left < parent->n_zombies)
			r->left[r->n_left++] =
				(struct reap_left){ child->pid, find_item(r, child) };
}

bool reaping_is_done(const struct reaping *r)
{
	if (r->problem == REAP_HOLDS_NONE)
		return true;
	if (r->problem != REAP_NO_PROBLEM)
		return false;
	if (r->n_chosen > 0 && r->result.refusal != REAP_ALLOWED && r->result.refusal != REAP_GONE)
		return false;
	for (size_t i = 0; i < r->n_left; i++)
		if (r->left[i].item && r->left[i].item->spared == SPARED_NOT)
			return false;
	return true;
}

int reapings_take(struct sight *sight, struct reapings *all)
{
	struct census *now;
	int r;

	for (size_t i = 0; i < all->n && !all->dry_run; i++)
		if (reaping_is_due(&all->list[i]))
			take(sight->procfd, &all->list[i]);
	/* the rights for BPF are gone, and who is there procfs tells as well */
	sight->source = CENSUS_PROCFS;
	r = sight_census(sight, &now);
	if (r < 0)
		return r;
	for (size_t i = 0; i < all->n; i++)
		count(now, &all->list[i]);
	census_free(now);
	sight->census = all->cases.census;
	return 0;
}

bool reapings_are_done(const struct reapings *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct reaping *r = &all->list[i];

		if (!reaping_is_done(r) && !(all->dry_run && reaping_is_due(r)))
			return false;
	}
	return true;
}

size_t reapings_due(const struct reapings *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += reaping_is_due(&all->list[i]);
	return n;
}
