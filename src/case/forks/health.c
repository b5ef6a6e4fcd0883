/* SPDX-License-Identifier: MIT */
#include "case/forks/health.h"

#include <errno.h>
#include <math.h>

#include "act/refused_state.h"
#include "base/duration.h"

/* What each metric is known to lie between */
static void measure(const struct checkup *k, double least[static N_CHECK_METRICS],
		    double most[static N_CHECK_METRICS])
{
	const size_t counts[N_CHECK_METRICS] = {
		[CHECK_METRIC_ZOMBIES] = k->cases.n_zombies,
		[CHECK_METRIC_PER_PARENT] = k->most_per_parent,
		[CHECK_METRIC_ORPHANS] = k->orphans,
		[CHECK_METRIC_UNFIT_INITS] = k->unfit_inits,
		[CHECK_METRIC_DYING] = k->cases.n_dying,
		[CHECK_METRIC_REFUSED] = k->found.refused,
	};

	for (size_t i = 0; i < N_CHECK_METRICS; i++) {
		least[i] = (double)counts[i];
		/* of what is hidden there may be any number more */
		most[i] = k->unseen.kind ? INFINITY : least[i];
	}
	most[CHECK_METRIC_DYING] += (double)k->cases.n_maybe_dying;
	most[CHECK_METRIC_UNFIT_INITS] += (double)k->unfit_maybe;
	least[CHECK_METRIC_OLDEST] = k->oldest_least_s;
	most[CHECK_METRIC_OLDEST] = k->unseen.kind ? INFINITY : k->oldest_most_s;
	least[CHECK_METRIC_PID_USAGE] = k->fullest ? k->fullest_percent : 0;
	most[CHECK_METRIC_PID_USAGE] = k->fullest && !k->found.unread ? k->fullest_percent : 100;
	if (!k->found.has_refused)
		most[CHECK_METRIC_REFUSED] = INFINITY;
	/* procfs shows but some of them */
	if (!k->cases.census->kernel)
		most[CHECK_METRIC_ORPHANS] = INFINITY;
}

/* Nothing to compare with yet: no fork was refused since, as far as is known */
static int measure_rate(struct sight *sight, const char *path, const struct checkup *k,
			double *ret_least, double *ret_most)
{
	struct refused_since since = { 0 };
	int r = refused_state_turn(path, k->found.counts, k->found.n_counts,
				   clock_ns(CLOCK_BOOTTIME), &since);

	if (r == -EBADMSG)
		sight_problem(sight, REMARK_STATE_NOT_OURS, .text = path);
	else if (r < 0)
		sight_problem(sight, REMARK_STATE_NOT_KEPT, .text = path, .error = r);
	*ret_least = since.known ? (double)since.n * 60 / since.seconds : 0;
	*ret_most = k->found.has_refused ? *ret_least : INFINITY;
	return r;
}

/* Whether a process out of sight could change what alerts */
static bool unseen_matters(const struct check_thresholds *t, const struct checkup *k)
{
	if (k->scope.by_pidns || k->scope.container)
		return true;
	for (enum check_metric_index i = 0; i < CHECK_METRIC_PID_USAGE; i++)
		if (check_alerts(t, i))
			return true;
	return false;
}

static void note_spared(struct sight *sight, const struct census *c)
{
	if (sight->frugal && sight->source == CENSUS_AUTO && c->source == CENSUS_PROCFS &&
	    !c->bpf_unusable)
		sight_remark(sight, REMARK_ORPHANS_SPARED);
}

int health_take(struct sight *sight, const struct check_thresholds *thresholds, const char *state,
		struct health *ret)
{
	double least[N_CHECK_METRICS], most[N_CHECK_METRICS];
	const struct checkup *k = &ret->checkup;
	int r;

	sight->frugal = !thresholds->warning[CHECK_METRIC_ORPHANS].given &&
			!thresholds->critical[CHECK_METRIC_ORPHANS].given;
	r = checkup_take(sight, false, &ret->checkup);
	if (r < 0)
		return r;
	note_spared(sight, k->cases.census);
	measure(k, least, most);
	if (state)
		r = measure_rate(sight, state, k, &least[CHECK_METRIC_REFUSED_RATE],
				 &most[CHECK_METRIC_REFUSED_RATE]);
	if (r < 0)
		return r;
	for (enum check_metric_index i = 0; i < N_CHECK_METRICS; i++) {
		bool early = i == CHECK_METRIC_UNFIT_INITS && k->unfit_lasting == 0 &&
			     k->unfit_maybe == 0;

		check_judge(thresholds, i, least[i], most[i], early, &ret->metrics[i]);
		ret->status = check_worse(ret->status, ret->metrics[i].state);
	}
	/* whatever is not seen could be as bad as can be */
	if (k->unseen.kind && unseen_matters(thresholds, k))
		ret->status = check_worse(ret->status, CHECK_UNKNOWN);
	ret->n_metrics = state ? N_CHECK_METRICS : CHECK_METRIC_REFUSED_RATE;
	return 0;
}

void health_done(struct health *h)
{
	checkup_done(&h->checkup);
	free(h->failure);
	*h = (struct health){ 0 };
}
