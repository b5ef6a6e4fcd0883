/* SPDX-License-Identifier: MIT */
#include "case/signals/signal_answers.h"

#include <errno.h>
#include <signal.h>

#include "case/asked.h"
#include "case/missing.h"
#include "inspect/cmdline.h"

/* The signals that are told, one by one; 0 at the end */
static int nth(bool all, size_t i)
{
	static const int few[] = { SIGTERM, SIGINT, SIGKILL, SIGSTOP, SIGCHLD };

	if (all)
		return i < 64 ? (int)i + 1 : 0;
	return i < ARRAY_SIZE(few) ? few[i] : 0;
}

size_t signal_effects_of(const struct signal_target *t, bool all, struct signal_effects *ret)
{
	size_t n = 0;
	int signal;

	for (; (signal = nth(all, n)); n++)
		ret[n] = (struct signal_effects){ signal, signal_judge(t, signal, false),
						  signal_judge(t, signal, true) };
	return n;
}

static int look(struct sight *sight, const struct census *c, const struct scope *scope, pid_t pid,
		bool all, struct signal_answer *ret)
{
	struct details *d = &ret->view.details;
	const struct process *p;
	int r = asked_find(sight, c, scope, pid, &p);

	if (r < 0)
		return r;
	r = signal_view_read(sight, c, p, &ret->view);
	if (r == -EACCES)
		sight_problem(sight, REMARK_MASKS_REFUSED, .n = (uint64_t)pid);
	else if (r < 0)
		sight_fail_lost(sight, pid, r);
	if (r < 0)
		return r;
	details_read_cmdlines(c, &d, 1);
	ret->n_effects = signal_effects_of(&ret->view.target, all, ret->effects);
	ret->fatal_pending = signal_fatal_pending(&ret->view.target);
	ret->has_owner = sight->own_proc && owner_read(p, &ret->owner);
	return 0;
}

int signal_answers_collect(struct sight *sight, const pid_t *pids, size_t n,
			   struct signal_answers *ret)
{
	struct missing missing = { 0 };
	struct scope scope;
	int result, r;

	result = sight_census(sight, &ret->census);
	if (result == 0)
		result = scope_resolve(sight, ret->census, &scope);
	if (result < 0)
		return result;
	sight_seen_all(sight);
	ret->list = xcalloc(n, sizeof(*ret->list));
	for (size_t i = 0; i < n; i++) {
		r = look(sight, ret->census, &scope, pids[i], ret->all, &ret->list[ret->n]);
		if (r < 0) {
			result = r;
			continue;
		}
		missing_add(&missing, &ret->list[ret->n].view.details);
		ret->n++;
	}
	missing_note(sight, &missing);
	return result;
}

void signal_answers_done(struct signal_answers *a)
{
	for (size_t i = 0; i < a->n; i++)
		signal_view_done(&a->list[i].view);
	free(a->list);
	census_free(a->census);
}
