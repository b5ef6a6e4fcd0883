/* SPDX-License-Identifier: MIT */
#include "case/acts/probing.h"

#include <errno.h>
#include <sys/prctl.h>

#include "act/privilege.h"
#include "base/rights.h"
#include "case/acts/entering.h"

struct probe_trouble probing_failure(int error, enum inside_step step, uint64_t had)
{
	return (struct probe_trouble){ .kind = PROBE_FAILED,
				       .error = error,
				       .step = step,
				       .may_enter = (had & RIGHTS_ENTER_AT_ALL) ==
						    RIGHTS_ENTER_AT_ALL };
}

/* An adopted zombie of this program's name, and not that of a probe under way: an earlier one left it */
static const struct process *leftover(const struct sight *sight, const struct census *c,
				      const struct adoptions *adoptions,
				      const struct process *adopter)
{
	char own[TASK_COMM_LEN] = "";
	const struct process *p;

	(void)prctl(PR_GET_NAME, own);
	for (p = census_first_child(c, adopter); p; p = census_next_child(c, p))
		if (process_is_zombie(p) && p->threads <= 1 && streq(p->comm, own) &&
		    (sight->settle_ms > 0 || cases_age_s(c, p) > VERDICT_LASTING_S) &&
		    adoption_of(adoptions, c, p)->adopted == TRI_YES)
			return p;
	return NULL;
}

/* Who would adopt from coroner itself; NULL: not known */
static const struct process *own_adopter(struct sight *sight, struct heirs *h)
{
	const struct process *self = sight->own_proc ? census_find(h->c, getpid()) : NULL;
	const struct process *adopter;
	struct heir_case k;

	if (!self || heirs_look(sight, h, self, &k) < 0)
		return NULL;
	adopter = k.heir_process;
	heir_case_done(&k);
	return adopter;
}

static struct probe_trouble objection(struct sight *sight, struct heirs *h,
				      const struct process *in, bool force)
{
	const struct pidns *ns = in ? &h->map.list[h->map.of[in - h->c->procs]] : NULL;
	const struct process *adopter = ns && ns->depth > 0 ? ns->init : own_adopter(sight, h),
			     *left;
	bool inferred;

	if (in && in != adopter && heirs_kind(h, in, &inferred) == HEIR_SUBREAPER)
		return (struct probe_trouble){ .kind = inferred ? PROBE_OF_SUBREAPER_MAYBE :
								  PROBE_OF_SUBREAPER,
					       .pid = in->pid };
	left = adopter && !force ? leftover(sight, h->c, &h->adoptions, adopter) : NULL;
	if (!left)
		return (struct probe_trouble){ .kind = PROBE_NO_TROUBLE };
	return (struct probe_trouble){ .kind = PROBE_LEFTOVER,
				       .pid = adopter->pid,
				       .zombie = left->pid };
}

struct probe_trouble probing_objection(struct sight *sight, const struct census *c,
				       const struct process *in, bool force)
{
	struct probe_trouble found;
	struct heirs h;

	heirs_prepare(c, &h);
	found = objection(sight, &h, in, force);
	heirs_done(&h);
	return found;
}

/* What an earlier probe found */
static bool is_answered(struct sight *sight, const struct census *c,
			const struct adoptions *adoptions, struct probing *p)
{
	const struct process *left = leftover(sight, c, adoptions, p->in);

	if (!left)
		return false;
	p->result = (struct probe_result){ .adopter = p->in->pid, .reaps = TRI_NO };
	sight_remark(sight, REMARK_NOT_PROBED_AGAIN, .n = (uint64_t)p->in->pid,
		     .m = (uint64_t)left->pid);
	return true;
}

static void note_outcome(struct sight *sight, const struct probing *p, uint64_t had)
{
	const uint64_t where = (uint64_t)p->in->pid;
	struct probe_trouble why = { .kind = PROBE_NO_TROUBLE };

	if (p->result.left_behind)
		sight_remark(sight, REMARK_PROBE_LEFT, .n = where,
			     .m = (uint64_t)p->result.left_behind);
	if (p->result.held)
		sight_remark(sight, REMARK_PROBE_THERE_STAYS, .n = where,
			     .m = (uint64_t)p->result.held);
	if (p->error == 0 && p->result.reaps == TRI_UNKNOWN)
		why.kind = PROBE_ADOPTER_THERE_ENDED;
	else if (p->error < 0)
		why = probing_failure(p->error, p->result.step, had);
	if (why.kind != PROBE_NO_TROUBLE)
		sight_remark(sight, REMARK_PIDNS_NOT_PROBED, .n = where, .probe = why);
}

static void start(struct sight *sight, const struct census *c, const struct pidns_map *map,
		  const struct airlock *airlock, struct probing *probing, struct probe **ret)
{
	size_t at = map->of[probing->in - c->procs];

	probing->error = entering_allowed(sight, airlock, c, map, at, ENTERING_TO_PROBE);
	if (probing->error == 0)
		probing->error =
			probe_start(airlock, sight->procfd, probing->in, PROBE_TIMEOUT_MS, ret);
}

void probing_run(struct sight *sight, const struct census *c, const struct pidns_map *map,
		 const struct adoptions *adoptions, struct probing *list, size_t n)
{
	auto_free struct probe **probes = xcalloc(n, sizeof(struct probe *));
	uint64_t had = rights_held();
	struct airlock airlock;
	int r = airlock_open(true, &airlock);

	for (size_t i = 0; i < n; i++) {
		list[i].error = r;
		if (r == 0 && !is_answered(sight, c, adoptions, &list[i]))
			start(sight, c, map, &airlock, &list[i], &probes[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (probes[i])
			probe_let_die(probes[i]);
	airlock_close(&airlock);
	(void)privilege_drop(RIGHTS_INTO);
	for (size_t i = 0; i < n; i++) {
		if (probes[i])
			list[i].error = probe_finish(probes[i], &list[i].result);
		note_outcome(sight, &list[i], had);
	}
}

struct probed_reaper *probing_reapers(struct sight *sight, const struct heirs *h,
				      const bool *wanted, size_t *ret_n)
{
	const struct pidns_map *map = &h->map;
	auto_free struct probing *list = xcalloc(map->n, sizeof(*list));
	struct probed_reaper *probed = xcalloc(map->n, sizeof(*probed));
	size_t n = 0, n_probed = 0;

	for (size_t i = 0; i < map->n; i++)
		if (wanted[i] && map->list[i].init)
			list[n++].in = map->list[i].init;
	probing_run(sight, h->c, map, &h->adoptions, list, n);
	for (size_t i = 0; i < n; i++)
		if (list[i].error == 0 && list[i].result.adopter)
			probed[n_probed++] = (struct probed_reaper){ list[i].result.adopter,
								     list[i].result.reaps };
	*ret_n = n_probed;
	return probed;
}

int probing_spot(struct sight *sight, const struct census *c, const struct scope *scope,
		 const struct process **ret)
{
	const struct process *init = NULL;
	struct pidns_map map;
	auto_free bool *marked = NULL;
	size_t n = 0;

	pidns_map(c, NULL, &map);
	marked = xcalloc(map.n, sizeof(*marked));
	scope_mark_pidns(scope, c, &map, marked);
	for (size_t i = 0; i < map.n; i++) {
		if (!marked[i])
			continue;
		n++;
		init = map.list[i].init;
	}
	pidns_map_done(&map);
	if (scope_complain_empty(sight, scope, n > 0) < 0)
		return -ESRCH;
	if (n > 1)
		sight_problem(sight, REMARK_SCOPE_SEVERAL_PIDNS, .n = n);
	else if (!init)
		sight_problem(sight, REMARK_SCOPE_INIT_UNSEEN);
	else
		*ret = init;
	return *ret ? 0 : -ESRCH;
}
