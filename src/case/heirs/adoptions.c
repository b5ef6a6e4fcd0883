/* SPDX-License-Identifier: MIT */
#include "case/heirs/adoptions.h"

#include "base/parallel.h"
#include "case/zombies/cases.h"

#define MIN_PER_THREAD 256

struct judging {
	const struct census *c;
	struct details **details; /* owned, each; of the parents that were read, NULL: it was not */
	struct adoptions *ret;
};

/*
 * Whether the status of a child of an init, and the init's, may tell more: the numbers of their sessions in its PID
 * namespace, where the two are not the same and the census has them not
 */
static bool sessions_are_read(const struct census *c, const struct process *child,
			      const struct process *parent)
{
	return child->sid != child->pid && child->sid != parent->sid &&
	       !cases_on_top(census_kernel(c, child), census_kernel(c, parent));
}

/* BPF has told all but the sessions' numbers in a PID namespace below, which count under its init alone */
static bool is_read(const struct census *c, const struct process *parent)
{
	const struct process_kernel *kernel = census_kernel(c, parent);
	const struct process *child = census_first_child(c, parent);

	if (!kernel)
		return child != NULL;
	while (child && !(kernel->is_init && sessions_are_read(c, child, parent)))
		child = census_next_child(c, child);
	return child != NULL;
}

static void read_parent(void *arg, size_t i)
{
	const struct judging *job = arg;
	const struct process *p = &job->c->procs[i];

	if (p->first_child == CENSUS_NONE || !is_read(job->c, p))
		return;
	job->details[i] = xcalloc(1, sizeof(*job->details[i]));
	if (details_read(job->c, p, WANT_STATUS | WANT_SLEPT, job->details[i]) < 0)
		details_unread(p, job->details[i]);
}

static void judge_child(void *arg, size_t i)
{
	static const struct details unread = { 0 };
	const struct judging *job = arg;
	const struct census *c = job->c;
	const struct process *p = &c->procs[i], *parent = census_parent(c, p);
	const struct details *parent_details;
	struct details own = { 0 };

	if (!parent || parent == p || (p->flags & PF_KTHREAD))
		return;
	parent_details = job->details[parent - c->procs];
	if (!parent_details)
		parent_details = &unread;
	/* only under an init does the session's number inside decide */
	if (details_ns_pid(parent_details) == 1 && sessions_are_read(c, p, parent) &&
	    details_read(c, p, WANT_STATUS, &own) < 0)
		details_unread(p, &own);
	job->ret->of[i] = cases_adoption(c, p, &own, parent, parent_details);
	details_done(&own);
}

void adoptions_judge(const struct census *c, struct adoptions *ret)
{
	struct judging job = { c, xcalloc(c->n, sizeof(struct details *)), ret };

	*ret = (struct adoptions){ .of = xcalloc(c->n, sizeof(*ret->of)) };
	parallel_for(c->n, MIN_PER_THREAD, read_parent, &job);
	parallel_for(c->n, MIN_PER_THREAD, judge_child, &job);
	for (size_t i = 0; i < c->n; i++) {
		if (!job.details[i])
			continue;
		missing_add(&ret->missing, job.details[i]);
		details_done(job.details[i]);
		free(job.details[i]);
	}
	free(job.details);
}

void adoptions_done(struct adoptions *a)
{
	free(a->of);
	missing_done(&a->missing);
	*a = (struct adoptions){ 0 };
}
