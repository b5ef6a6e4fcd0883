/* SPDX-License-Identifier: MIT */
#include "case/heirs/namespaces.h"

#include "base/file.h"
#include "case/heirs/heirs.h"
#include "case/missing.h"
#include "case/acts/probing.h"
#include "case/scope.h"
#include "inspect/cmdline.h"
#include "limits/kernel.h"

/* kernel.pid_max belongs to each PID namespace since Linux 6.14 (kernel/pid.c), to all before */
static uint64_t pid_max_of(const struct sight *sight, const struct census *c,
			   const struct pidns *ns)
{
	const struct census_pidns *told = census_pidns_find(c, ns->inode);
	uint64_t value;

	if (told && told->pid_max)
		return told->pid_max;
	if (pid_max_is_per_namespace() && !(ns->depth == 0 && sight->own_proc))
		return 0;
	return kernel_number(sight->procfd, "pid_max", &value) == 0 ? value : 0;
}

static void look(struct sight *sight, const struct namespaces *all, size_t at,
		 struct namespace_row *ret)
{
	const struct census *c = all->census;
	const struct pidns *ns = &all->map.list[at];

	*ret = (struct namespace_row){ .ns = ns, .pid_max = pid_max_of(sight, c, ns) };
	ret->has_init = ns->init && reaper_look(sight, c, &all->adoptions, ns->init, TRI_UNKNOWN,
						&ret->init) == 0;
	if (ret->has_init)
		pidns_conclude(&all->map, c, ns->init, &ret->init.look.details);
}

/* Of each namespace, one walk for all */
static size_t *count_orphans(const struct namespaces *all)
{
	size_t *counts = xcalloc(all->map.n, sizeof(*counts));

	for (size_t i = 0; i < all->census->n; i++)
		counts[all->map.of[i]] += all->adoptions.of[i].adopted == TRI_YES;
	return counts;
}

/* The experiment's answer is the init's only where the init was who adopted */
static void take_probe(struct sight *sight, struct namespace_row *row, const struct probing *p)
{
	struct reaps_evidence e = { .probe = p->result.reaps };

	if (p->error < 0 || p->result.reaps == TRI_UNKNOWN)
		return;
	if (p->result.adopter == row->ns->init->pid)
		row->init.reaps = reaps_judge(&e);
	else
		sight_remark(sight,
			     p->result.reaped ? REMARK_REAPED_BY_OTHER : REMARK_ADOPTED_BY_OTHER,
			     .n = (uint64_t)p->result.adopter, .m = (uint64_t)row->ns->init->pid);
}

static void probe_all(struct sight *sight, struct namespaces *all)
{
	auto_free struct probing *list = xcalloc(all->n, sizeof(*list));
	auto_free size_t *of = xcalloc(all->n, sizeof(*of));
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (!all->list[i].has_init)
			continue;
		of[n] = i;
		list[n++].in = all->list[i].ns->init;
	}
	probing_run(sight, all->census, &all->map, &all->adoptions, list, n);
	for (size_t i = 0; i < n; i++)
		take_probe(sight, &all->list[of[i]], &list[i]);
}

/* Of the members whose namespace is not known, and of the inits that may reap or not */
static void note_missing(struct sight *sight, const struct namespaces *all)
{
	struct missing missing = { 0 };

	for (size_t i = 0; i < all->n; i++) {
		const struct namespace_row *row = &all->list[i];

		missing_add_pidns(&missing, all->census, &all->map,
				  (size_t)(row->ns - all->map.list));
		if (row->has_init && namespace_reaps(row) == TRI_UNKNOWN)
			missing_add(&missing, &row->init.look.details);
	}
	missing_note(sight, &missing);
}

/* A number less there for each look from inside: nothing that a list should take */
static void note_pid_max(struct sight *sight, const struct namespaces *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->list[i].pid_max == 0;
	if (n)
		sight_remark(sight, REMARK_PID_MAX_TAKES_BPF, .n = n);
}

static void read_cmdlines(struct namespaces *all)
{
	auto_free struct details **inits = xcalloc(all->n, sizeof(*inits));
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].has_init)
			inits[n++] = &all->list[i].init.look.details;
	details_read_cmdlines(all->census, inits, n);
}

static int compare_depth(const void *a, const void *b)
{
	const struct namespace_row *x = a, *y = b;

	return (x->ns->depth > y->ns->depth) - (x->ns->depth < y->ns->depth);
}

int namespaces_collect(struct sight *sight, bool probe, struct namespaces *ret)
{
	struct scope scope;
	auto_free bool *wanted = NULL;
	auto_free size_t *orphans = NULL;
	int r = scope_census(sight, &ret->census, &scope);

	if (r < 0)
		return r;
	pidns_map(ret->census, NULL, &ret->map);
	wanted = xcalloc(ret->map.n, sizeof(*wanted));
	scope_mark_pidns(&scope, ret->census, &ret->map, wanted);
	adoptions_judge(ret->census, &ret->adoptions);
	orphans = count_orphans(ret);
	ret->list = xcalloc(ret->map.n, sizeof(*ret->list));
	for (size_t i = 0; i < ret->map.n; i++) {
		if (!wanted[i])
			continue;
		look(sight, ret, i, &ret->list[ret->n]);
		ret->list[ret->n++].orphans = orphans[i];
	}
	qsort(ret->list, ret->n, sizeof(*ret->list), compare_depth);
	note_missing(sight, ret);
	heirs_note_untold(sight, &ret->map, wanted);
	if (probe)
		probe_all(sight, ret);
	if (ret->n == 0)
		return scope_complain_empty(sight, &scope, false);
	if (sight->whole) {
		note_pid_max(sight, ret); /* the table has no column for it */
		read_cmdlines(ret);
	}
	return 0;
}

void namespaces_done(struct namespaces *n)
{
	for (size_t i = 0; i < n->n; i++)
		reaper_view_done(&n->list[i].init);
	free(n->list);
	adoptions_done(&n->adoptions);
	pidns_map_done(&n->map);
	census_free(n->census);
}
