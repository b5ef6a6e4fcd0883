/* SPDX-License-Identifier: MIT */
#include "case/heirs/adoptions.h"

#include "base/parallel.h"
#include "case/zombies/cases.h"

#define MIN_PER_THREAD 256

struct judging {
	const struct census *c;
	struct details *details; /* of the parents; the others stay unread */
	struct adoptions *ret;
};

static void read_parent(void *arg, size_t i)
{
	const struct judging *job = arg;
	const struct process *p = &job->c->procs[i];

	if (p->first_child == CENSUS_NONE ||
	    details_read(job->c, p, WANT_STATUS | WANT_SLEPT, &job->details[i]) < 0)
		details_unread(p, &job->details[i]);
}

static void judge_child(void *arg, size_t i)
{
	const struct judging *job = arg;
	const struct census *c = job->c;
	const struct process *p = &c->procs[i], *parent = census_parent(c, p);
	const struct details *parent_details;
	struct details own;

	if (!parent || parent == p || (p->flags & PF_KTHREAD))
		return;
	parent_details = &job->details[parent - c->procs];
	/* only under an init does the session's number inside decide */
	if (details_ns_pid(parent_details) != 1 || details_read(c, p, WANT_STATUS, &own) < 0)
		details_unread(p, &own);
	job->ret->of[i] = cases_adoption(c, p, &own, parent, parent_details);
	details_done(&own);
}

void adoptions_judge(const struct census *c, struct adoptions *ret)
{
	struct judging job = { c, xcalloc(c->n, sizeof(*job.details)), ret };

	*ret = (struct adoptions){ .of = xcalloc(c->n, sizeof(*ret->of)) };
	parallel_for(c->n, MIN_PER_THREAD, read_parent, &job);
	parallel_for(c->n, MIN_PER_THREAD, judge_child, &job);
	for (size_t i = 0; i < c->n; i++) {
		missing_add(&ret->missing, &job.details[i]);
		details_done(&job.details[i]);
	}
	free(job.details);
}

void adoptions_done(struct adoptions *a)
{
	free(a->of);
	missing_done(&a->missing);
	*a = (struct adoptions){ 0 };
}
