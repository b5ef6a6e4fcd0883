/* SPDX-License-Identifier: MIT */
#include "case/heirs/heirs.h"

#include <errno.h>

void heirs_prepare(const struct census *c, struct heirs *ret)
{
	*ret = (struct heirs){ .c = c, .kernel = kernel_running() };
	adoptions_judge(c, &ret->adoptions);
	pidns_map(c, NULL, &ret->map);
	for (size_t i = 0; i < ret->map.n; i++)
		if (ret->map.list[i].depth == 0)
			ret->own_pidns = ret->map.list[i].inode;
}

void heirs_done(struct heirs *h)
{
	for (size_t i = 0; i < h->n_views; i++) {
		reaper_view_done(h->views[i]);
		free(h->views[i]);
	}
	free(h->views);
	free(h->probed);
	adoptions_done(&h->adoptions);
	pidns_map_done(&h->map);
	*h = (struct heirs){ 0 };
}

static uint32_t seat_of(const struct heirs *h, const struct process *p)
{
	return h->map.of[p - h->c->procs];
}

static const struct pidns *pidns_of(const struct heirs *h, const struct process *p)
{
	return &h->map.list[seat_of(h, p)];
}

/* The child of p that speaks most clearly for an adoption, or NULL */
static const struct process *adopted_child(const struct heirs *h, const struct process *p)
{
	const struct process *child, *best = NULL;

	for (child = census_first_child(h->c, p); child; child = census_next_child(h->c, child)) {
		const struct adoption *a = adoption_of(&h->adoptions, h->c, child);

		if (a->adopted != TRI_YES)
			continue;
		if (a->proven)
			return child;
		best = best ? best : child;
	}
	return best;
}

static void take_ancestor(const struct heirs *h, uint32_t seat, const struct process *p,
			  struct ancestor_evidence *ret)
{
	const struct process_kernel *kernel = census_kernel(h->c, p);
	const struct process *adopted;

	*ret = (struct ancestor_evidence){
		.pid = p->pid,
		.inside = seat_of(h, p) == seat,
		.is_init = seat_of(h, p) == seat && pidns_is_init(&h->map, h->c, p) != TRI_NO,
		.live = census_is_live(h->c, p),
		.subreaper = kernel ? tri_of(kernel->subreaper) : TRI_UNKNOWN,
	};
	adopted = kernel || pidns_is_init(&h->map, h->c, p) != TRI_NO ? NULL : adopted_child(h, p);
	if (adopted) {
		ret->adopted = adopted->pid;
		ret->adopted_by = adoption_of(&h->adoptions, h->c, adopted)->sign;
	}
}

/* A census of living things may hold a loop: no more steps than there are processes */
static void climb(const struct heirs *h, struct heir_case *k)
{
	const struct process *p = k->process;
	uint32_t seat = seat_of(h, p);
	size_t cap = 0, cap2 = 0, n = 0;

	for (size_t steps = 0; steps < h->c->n; steps++) {
		const struct process *parent = census_parent(h->c, p);

		if (!parent || parent == p)
			break;
		ARRAY_GROW(k->ancestors, n, cap);
		ARRAY_GROW(k->evidence, k->n_ancestors, cap2);
		k->ancestors[n++] = parent;
		take_ancestor(h, seat, parent, &k->evidence[k->n_ancestors++]);
		p = parent;
	}
}

static pid_t hidden_above(const struct heirs *h, const struct heir_case *k)
{
	const struct process *top = k->n_ancestors ? k->ancestors[k->n_ancestors - 1] : k->process;

	return census_parent(h->c, top) ? 0 : top->ppid;
}

static enum tri is_init(const struct heirs *h, const struct process *p, const struct details *d)
{
	const struct process_kernel *kernel = census_kernel(h->c, p);

	/* one of the two looks at it may have failed */
	if (kernel)
		return tri_of(kernel->is_init);
	return details_ns_pid(d) ? tri_of(details_ns_pid(d) == 1) : pidns_is_init(&h->map, h->c, p);
}

/* The living of a namespace and of all below it, its init apart */
static size_t count_members(const struct heirs *h, uint32_t seat)
{
	size_t n = 0;

	for (size_t i = 0; i < h->c->n; i++) {
		int at = (int)h->map.of[i];

		for (size_t steps = 0; at >= 0 && at != (int)seat && steps < h->map.n; steps++)
			at = h->map.list[at].parent;
		n += at == (int)seat && (h->c->procs[i].state != 'Z' || h->c->procs[i].threads > 1);
	}
	return n > 0 ? n - 1 : 0;
}

enum tri heirs_probed(const struct heirs *h, const struct process *reaper)
{
	for (size_t i = 0; i < h->n_probed; i++)
		if (h->probed[i].pid == reaper->pid)
			return h->probed[i].reaped;
	return TRI_UNKNOWN;
}

static void judge(const struct heirs *h, struct heir_case *k)
{
	const struct process *p = k->process;
	const struct process_kernel *kernel = census_kernel(h->c, p);
	const struct pidns *ns = pidns_of(h, p);
	struct heir_evidence e = {
		.pid = p->pid,
		.kernel = h->kernel,
		.ended = p->state == 'Z' && p->threads <= 1,
		.is_init = is_init(h, p, &k->details) == TRI_YES,
		.under_subreaper = kernel ? tri_of(kernel->has_subreaper) : TRI_UNKNOWN,
		.ancestors = k->evidence,
		.n_ancestors = k->n_ancestors,
		.hidden = hidden_above(h, k),
		.init = ns->init ? ns->init->pid : 0,
	};

	e.is_machine_init = e.is_init && ns->depth == 0 && ns->inode == PIDNS_INIT_INODE;
	heir_judge(&e, &k->heir);
	k->init_untold = k->heir.rule == HEIR_INIT && ns->untold;
	k->heir_process = k->heir.pid ? census_find(h->c, k->heir.pid) : NULL;
	k->kills = e.is_init && !e.ended;
	if (k->kills)
		k->n_killed = count_members(h, seat_of(h, p));
}

/* Many processes have the same heir, and looking at one may take a settle time: once is enough */
static struct reaper_view *view_of(struct sight *sight, struct heirs *h, const struct process *p)
{
	struct reaper_view *v;

	for (size_t i = 0; i < h->n_views; i++)
		if (h->views[i]->process == p)
			return h->views[i];
	v = xcalloc(1, sizeof(*v));
	if (reaper_look(sight, h->c, &h->adoptions, p, heirs_probed(h, p), v) < 0) {
		free(v);
		return NULL;
	}
	pidns_conclude(&h->map, h->c, p, &v->look.details);
	ARRAY_GROW(h->views, h->n_views, h->views_cap);
	h->views[h->n_views++] = v;
	return v;
}

/* Of such a one BPF tells nothing, though it is the source; that an init is one too is not shown in text */
static void note_hidden(struct sight *sight, const struct heirs *h, const struct heir_case *k)
{
	for (size_t i = 0; i < k->n_ancestors; i++)
		if (h->c->kernel && !census_kernel(h->c, k->ancestors[i]) &&
		    (sight->whole || !k->evidence[i].is_init))
			sight_remark(sight, REMARK_SUBREAPER_UNKNOWN,
				     .n = (uint64_t)k->ancestors[i]->pid);
}

int heirs_look(struct sight *sight, struct heirs *h, const struct process *p, struct heir_case *ret)
{
	int r;

	*ret = (struct heir_case){ .process = p };
	r = details_read(h->c, p, WANT_STATUS | WANT_PIDNS | WANT_CGROUP, &ret->details);
	if (r < 0)
		return r;
	/* the rule begins with it */
	if (is_init(h, p, &ret->details) == TRI_UNKNOWN) {
		details_done(&ret->details);
		return -ENODATA;
	}
	pidns_conclude(&h->map, h->c, p, &ret->details);
	climb(h, ret);
	note_hidden(sight, h, ret);
	judge(h, ret);
	if (ret->heir.rule != HEIR_NONE)
		hangups_find(h->c, p, ret->heir_process, &ret->hangups);
	if (ret->heir_process)
		ret->view = view_of(sight, h, ret->heir_process);
	return 0;
}

void heir_case_read_cmdlines(const struct heirs *h, struct heir_case *k)
{
	struct details *d = &k->details;

	details_read_cmdlines(h->c, &d, 1);
	d = k->view ? &k->view->look.details : NULL;
	/* several cases share one heir */
	if (d && !d->has_cmdline)
		details_read_cmdlines(h->c, &d, 1);
}

void heir_case_done(struct heir_case *k)
{
	details_done(&k->details);
	free(k->ancestors);
	free(k->evidence);
	free(k->children);
	hangups_done(&k->hangups);
	*k = (struct heir_case){ 0 };
}

enum heir_rule heirs_kind(const struct heirs *h, const struct process *p, bool *ret_inferred)
{
	const struct process_kernel *kernel = census_kernel(h->c, p);
	const enum tri init = pidns_is_init(&h->map, h->c, p);

	*ret_inferred = init == TRI_UNKNOWN;
	if (init != TRI_NO)
		return HEIR_INIT;
	/* what is dead altogether inherits no more; an init may be dying for long */
	if (!census_is_live(h->c, p))
		return HEIR_NONE;
	if (kernel)
		return kernel->subreaper ? HEIR_SUBREAPER : HEIR_NONE;
	*ret_inferred = adopted_child(h, p) != NULL;
	return *ret_inferred ? HEIR_SUBREAPER : HEIR_NONE;
}

void heirs_note_untold(struct sight *sight, const struct pidns_map *map, const bool *shown)
{
	size_t n = 0;

	for (size_t i = 0; i < map->n; i++)
		n += map->list[i].untold && (!shown || shown[i]);
	if (n)
		sight_remark(sight, REMARK_INITS_UNTOLD, .n = n);
}
