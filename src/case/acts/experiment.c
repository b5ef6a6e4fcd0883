/* SPDX-License-Identifier: MIT */
#include "case/acts/experiment.h"

#include <errno.h>
#include <sys/capability.h>

#include "act/privilege.h"
#include "base/rights.h"
#include "case/acts/entering.h"
#include "case/acts/probing.h"
#include "case/asked.h"
#include "case/look.h"

/* In coroner's own PID namespace nothing is entered */
static int allowed(struct sight *sight, const struct airlock *airlock, const struct census *c,
		   const struct process *in)
{
	struct pidns_map map;
	int r;

	pidns_map(c, NULL, &map);
	r = entering_allowed(sight, airlock, c, &map, map.of[in - c->procs], ENTERING_TO_PROBE);
	pidns_map_done(&map);
	return r;
}

static int start(struct sight *sight, const struct experiment_choice *o, const struct census *c,
		 const struct process *in, struct probe **ret)
{
	struct airlock airlock;
	int r = airlock_open(in != NULL, &airlock);

	if (r == 0 && in && !o->force)
		r = allowed(sight, &airlock, c, in);
	if (r == 0)
		r = probe_start(&airlock, sight->procfd, in, (unsigned)o->timeout_ms, ret);
	/* the guide has its own; ptrace access is for /proc with hidepid */
	(void)privilege_drop(~RIGHT(CAP_SYS_PTRACE));
	if (r == 0)
		probe_let_die(*ret);
	airlock_close(&airlock);
	return r;
}

/* Returns 0 or a negative errno, and then the reason */
static int try(struct sight *sight, const struct experiment_choice *o, struct experiment *e)
{
	uint64_t had = rights_held();
	struct probe *p;
	int error;

	e->trouble = probing_objection(sight, e->census, e->in, o->force);
	if (e->trouble.kind != PROBE_NO_TROUBLE)
		return -EBUSY;
	error = start(sight, o, e->census, e->in, &p);
	if (error == 0)
		error = probe_finish(p, &e->result);
	if (e->result.held)
		sight_remark(sight, REMARK_PROBE_STAYS, .n = (uint64_t)e->result.held);
	if (error < 0)
		e->trouble = probing_failure(error, e->result.step, had);
	return error;
}

static void note_whose(struct sight *sight, const struct experiment *e)
{
	const struct probe_result *r = &e->result;

	if (e->in && !r->elsewhere)
		sight_remark(sight, REMARK_PROBED_HERE, .n = (uint64_t)e->in->pid);
	if (e->in && r->elsewhere && !e->census->kernel && r->adopter != e->in->pid)
		sight_remark(sight, REMARK_DESCENDANTS_UNKNOWN, .n = (uint64_t)e->in->pid);
}

/* Where to probe: the process named or, where a scope says it, an init */
static int find(struct sight *sight, pid_t pid, struct experiment *e)
{
	struct scope scope = { 0 };
	int r;

	/* a stale or fake /proc is no hindrance: nothing is asked of it but what is printed */
	if (!streq(sight->procfs, "/proc")) {
		sight_problem(sight, REMARK_PROBE_OTHER_PROC, .text = sight->procfs);
		return -EOPNOTSUPP;
	}
	r = look_census(sight, &e->census);
	if (r == 0)
		r = scope_resolve(sight, e->census, &scope);
	if (r < 0)
		return r;
	if (pid)
		return asked_find(sight, e->census, &scope, pid, &e->in);
	if (scope.by_pidns || scope.container)
		return probing_spot(sight, e->census, &scope, &e->in);
	return 0;
}

int experiment_run(struct sight *sight, const struct experiment_choice *choice, pid_t pid,
		   struct experiment *ret)
{
	int r = find(sight, pid, ret);

	if (r < 0) {
		census_free(ret->census);
		ret->census = NULL;
		return r;
	}
	ret->timeout_ms = choice->timeout_ms;
	r = try(sight, choice, ret);
	if (r < 0) {
		sight_problem(sight,
			      ret->result.left_behind ? REMARK_PROBE_FAILED_LEFT :
							REMARK_PROBE_FAILED,
			      .n = (uint64_t)ret->result.left_behind, .probe = ret->trouble);
		return r;
	}
	ret->came_to_an_end = true;
	if (ret->result.reaps == TRI_UNKNOWN)
		ret->trouble.kind = PROBE_ADOPTER_ENDED;
	note_whose(sight, ret);
	return 0;
}

void experiment_done(struct experiment *e)
{
	free(e->failure);
	census_free(e->census);
}
