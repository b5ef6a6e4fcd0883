/* SPDX-License-Identifier: MIT */
#include "case/heirs/reaper_answers.h"

#include <errno.h>

#include "case/asked.h"
#include "case/missing.h"
#include "case/acts/probing.h"
#include "case/scope.h"

static bool is_in_scope(const struct scope *scope, const struct census *c, const struct process *p,
			const struct details *d)
{
	return scope_has_process(scope, c, p, d) && scope_has_container(scope, d);
}

static void look_at_reaper(struct sight *sight, const struct scope *scope, const struct process *p,
			   struct reaper_answers *ret, struct missing *missing)
{
	const struct heirs *h = &ret->heirs;
	struct reaper_row row = { 0 };
	struct details *d = &row.view.look.details;

	row.kind = heirs_kind(h, p, &row.inferred);
	if (row.kind == HEIR_NONE ||
	    reaper_look(sight, h->c, &h->adoptions, p, heirs_probed(h, p), &row.view) < 0)
		return;
	pidns_conclude(&h->map, h->c, p, d);
	if (!is_in_scope(scope, h->c, p, d)) {
		reaper_view_done(&row.view);
		return;
	}
	missing_add(missing, d);
	if (sight->whole)
		details_read_cmdlines(h->c, &d, 1);
	ARRAY_GROW(ret->reapers, ret->n_reapers, ret->cap_reapers);
	ret->reapers[ret->n_reapers++] = row;
}

static int list_reapers(struct sight *sight, const struct scope *scope, struct reaper_answers *ret)
{
	struct missing missing = { 0 };

	for (size_t i = 0; i < ret->census->n; i++)
		look_at_reaper(sight, scope, &ret->census->procs[i], ret, &missing);
	if (!ret->census->kernel)
		sight_remark(sight, REMARK_SUBREAPERS_UNTOLD);
	heirs_note_untold(sight, &ret->heirs.map, NULL);
	missing_note(sight, &missing);
	return ret->n_reapers ?
		       0 :
		       scope_complain_empty(sight, scope, scope_exists(scope, ret->census));
}

static int look_at(struct sight *sight, const struct scope *scope, pid_t pid,
		   struct reaper_answers *all, struct heir_case *ret)
{
	const struct process *p;
	int r = asked_find(sight, all->census, scope, pid, &p);

	if (r < 0)
		return r;
	r = heirs_look(sight, &all->heirs, p, ret);
	if (r < 0) {
		sight_fail_lost(sight, pid, r);
		return r;
	}
	fates_collect(sight, &all->heirs, ret);
	if (sight->whole)
		heir_case_read_cmdlines(&all->heirs, ret);
	return 0;
}

static int look_at_all(struct sight *sight, const struct scope *scope, const pid_t *pids, size_t n,
		       struct reaper_answers *ret)
{
	auto_free bool *shown = xcalloc(ret->heirs.map.n, sizeof(*shown));
	struct missing missing = { 0 };
	int result = 0;

	ret->asked = true;
	ret->cases = xcalloc(n, sizeof(*ret->cases));
	for (size_t i = 0; i < n; i++) {
		struct heir_case *k = &ret->cases[ret->n_cases];
		int r = look_at(sight, scope, pids[i], ret, k);

		if (r < 0) {
			result = r;
			continue;
		}
		ret->n_cases++;
		shown[ret->heirs.map.of[k->process - ret->census->procs]] = true;
		missing_add(&missing, &k->details);
		if (k->view)
			missing_add(&missing, &k->view->look.details);
	}
	heirs_note_untold(sight, &ret->heirs.map, shown);
	missing_note(sight, &missing);
	return result;
}

/* The PID namespaces of these processes or, without any, all in the scope */
static void mark_wanted(const struct heirs *h, const struct scope *scope, const pid_t *pids,
			size_t n_pids, bool *wanted)
{
	for (size_t i = 0; i < n_pids; i++) {
		const struct process *p = census_find(h->c, pids[i]);

		if (p)
			wanted[h->map.of[p - h->c->procs]] = true;
	}
	for (size_t i = 0; n_pids == 0 && i < h->map.n; i++) {
		const struct process *init = h->map.list[i].init;
		struct details d;

		if (!init || details_read(h->c, init, WANT_PIDNS | WANT_CGROUP, &d) < 0)
			continue;
		pidns_conclude(&h->map, h->c, init, &d);
		wanted[i] = is_in_scope(scope, h->c, init, &d);
		details_done(&d);
	}
}

static void probe_all(struct sight *sight, struct heirs *h, const struct scope *scope,
		      const pid_t *pids, size_t n_pids)
{
	auto_free bool *wanted = xcalloc(h->map.n, sizeof(*wanted));

	mark_wanted(h, scope, pids, n_pids, wanted);
	h->probed = probing_reapers(sight, h, wanted, &h->n_probed);
}

int reaper_answers_collect(struct sight *sight, const pid_t *pids, size_t n, bool probe,
			   struct reaper_answers *ret)
{
	struct scope scope;
	int r = scope_census(sight, &ret->census, &scope);

	if (r < 0) {
		ret->census = NULL;
		return r;
	}
	heirs_prepare(ret->census, &ret->heirs);
	if (probe)
		probe_all(sight, &ret->heirs, &scope, pids, n);
	return n ? look_at_all(sight, &scope, pids, n, ret) : list_reapers(sight, &scope, ret);
}

void reaper_answers_done(struct reaper_answers *a)
{
	for (size_t i = 0; i < a->n_cases; i++)
		heir_case_done(&a->cases[i]);
	free(a->cases);
	for (size_t i = 0; i < a->n_reapers; i++)
		reaper_view_done(&a->reapers[i].view);
	free(a->reapers);
	if (a->census)
		heirs_done(&a->heirs);
	census_free(a->census);
}
