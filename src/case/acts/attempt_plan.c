/* SPDX-License-Identifier: MIT */
/* Whom a nudge is for, and why somebody is left alone. */
#include <errno.h>

#include "act/pin.h"
#include "base/file.h"
#include "case/acts/attempt.h"
#include "case/missing.h"
#include "case/scope.h"

static const struct parent_case *find_case(const struct cases *cases, pid_t pid)
{
	for (size_t i = 0; i < cases->n; i++)
		if (cases->parents[i].process && cases->parents[i].process->pid == pid)
			return &cases->parents[i];
	return NULL;
}

/* The verdict of a zombie that a nudge may get reaped, else the parent's own */
static bool may_help(const struct parent_case *p, struct verdict *ret)
{
	*ret = p->verdict;
	for (size_t i = 0; i < p->n_looked_at; i++) {
		if (p->zombies[i].verdict.nudge != NUDGE_MAY_HELP)
			continue;
		*ret = p->zombies[i].verdict;
		return true;
	}
	return false;
}

/* The dead take no signal: whom to nudge for this zombie, and whether that looks worth it */
static void find_instead(const struct cases *cases, const struct process *zombie, struct attempt *a)
{
	const struct parent_case *p = find_case(cases, zombie->ppid);

	a->reason = ATTEMPT_IS_ZOMBIE;
	a->instead = (struct attempt_instead){
		.pid = zombie->ppid,
		.in_sight = census_parent(cases->census, zombie),
		.holds = p,
		.helps = p && may_help(p, &a->verdict),
	};
}

/* pin is what pins_find() says of it, or 0 where nothing can be pinned */
static void plan(const struct attempts *all, const struct scope *scope, int pin, struct attempt *a)
{
	const struct cases *cases = &all->cases;
	const struct process *p = census_find(cases->census, a->pid);

	a->parent = find_case(cases, a->pid);
	if (p)
		memcpy(a->comm, p->comm, sizeof(a->comm));
	if (!p) {
		a->reason = ATTEMPT_ABSENT;
		a->error = pin;
		a->not_done = true;
	} else if (!a->parent && !scope_holds(scope, cases->census, p)) {
		a->reason = ATTEMPT_OUT_OF_SCOPE;
		a->not_done = true;
	} else if (!a->parent && p->state == 'Z') {
		find_instead(cases, p, a);
	} else if (!a->parent) {
		a->reason = ATTEMPT_HOLDS_NONE;
	} else {
		a->result.before = a->result.after = a->parent->n_zombies;
		a->wanted = may_help(a->parent, &a->verdict) || all->choice.force;
		if (p->flags & PF_KTHREAD)
			a->reason = ATTEMPT_KERNEL_THREAD;
		else if (!a->wanted)
			a->reason = ATTEMPT_NO_USE;
	}
}

/* Each of those named once */
static void add_named(const pid_t *pids, size_t n, struct attempts *ret)
{
	ret->list = xcalloc(n, sizeof(*ret->list));
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < ret->n && ret->list[k].pid != pids[i])
			k++;
		if (k == ret->n)
			ret->list[ret->n++].pid = pids[i];
	}
}

static void add_parents(struct attempts *ret)
{
	const struct cases *cases = &ret->cases;

	ret->list = xcalloc(cases->n, sizeof(*ret->list));
	for (size_t i = 0; i < cases->n; i++)
		if (cases->parents[i].process)
			ret->list[ret->n++].pid = cases->parents[i].process->pid;
}

/*
 * Pin whom it may concern, before the look by which they are judged (act/pins.h): those named or, by a
 * look for that alone, all that hold zombies.
 */
static int pin_all(struct sight *sight, struct attempts *ret)
{
	auto_free pid_t *pids = NULL;
	struct census *c = NULL;
	size_t n = 0;
	int r = ret->n > 0 ? 0 : sight_census(sight, &c);

	if (r < 0)
		return r;
	pids = xcalloc(c ? c->n : ret->n, sizeof(*pids));
	for (size_t i = 0; i < ret->n; i++)
		pids[n++] = ret->list[i].pid;
	for (size_t i = 0; c && i < c->n; i++)
		if (c->procs[i].n_zombies > 0)
			pids[n++] = c->procs[i].pid;
	census_free(c);
	sight->census = NULL;
	pins_take(pids, n, &ret->pins);
	return 0;
}

/* Whether anything can be pinned and sent by this /proc; a rehearsal does without */
static int check_means(struct sight *sight, struct attempts *ret)
{
	int pidfds = pin_check(), r = pidfds < 0 ? pidfds : pin_check_procfs(sight->procfd);

	ret->unpinned = r < 0;
	if (r == 0 || ret->choice.dry_run)
		return 0;
	if (r == -EMFILE)
		sight_problem(sight, REMARK_NUDGE_TOO_FEW_FILES);
	else if (pidfds < 0)
		sight_problem(sight, REMARK_NUDGE_NO_PIDFDS);
	else
		sight_problem(sight, REMARK_NUDGE_OTHER_PROC, .text = sight->procfs);
	(void)file_shortage(); /* told already */
	return r;
}

int attempts_plan(struct sight *sight, const struct attempt_choice *choice, const pid_t *pids,
		  size_t n, struct attempts *ret)
{
	struct missing missing = { 0 };
	struct scope scope;
	int r;

	ret->choice = *choice;
	add_named(pids, n, ret);
	r = check_means(sight, ret);
	if (r == 0 && !ret->unpinned)
		r = pin_all(sight, ret);
	if (r == 0)
		r = cases_collect(sight, CASES_BRIEF, &ret->cases);
	if (r == 0)
		r = scope_resolve(sight, ret->cases.census, &scope);
	if (r < 0)
		return r;
	if (n == 0) {
		free(ret->list);
		add_parents(ret);
	}
	for (size_t i = 0; i < ret->n; i++) {
		struct attempt *a = &ret->list[i];

		plan(ret, &scope, ret->unpinned ? 0 : pins_find(&ret->pins, a->pid), a);
		if (a->parent)
			missing_add_case(&missing, a->parent);
	}
	missing_note(sight, &missing);
	return 0;
}
