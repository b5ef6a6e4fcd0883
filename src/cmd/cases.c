/* SPDX-License-Identifier: MIT */
#include "cmd/cases.h"

#include <errno.h>
#include <stdio.h>

#include "base/parallel.h"
#include "cmd/dying.h"
#include "cmd/families.h"
#include "cmd/look.h"
#include "cmd/scope.h"
#include "limits/freezer.h"

#define NS_PER_S INT64_C(1000000000)
#define SAMPLE 32	   /* zombies of one parent that a brief case looks at */
#define MIN_PER_THREAD 128 /* looking at one process costs several files */

struct looked {
	const struct parent_case *parent;
	struct zombie_case *zombie;
};

struct collection {
	struct context *ctx;
	struct cases *cases;
	enum cases_depth depth;
	struct scope scope;
	struct dying dying;
	const pid_t *about; /* NULL: everybody */
	size_t n_about;
	struct looked *looked; /* zombies of all parents, for the threads to share */
	size_t n;
	const struct details *frozen_of; /* whose cgroups the last answer was about */
	enum tri frozen;
};

/* All zombies, or of a brief case a sample spread evenly */
static void pick_zombies(const struct collection *job, struct parent_case *p)
{
	bool all = job->depth == CASES_FULL || job->scope.by_pidns;
	size_t n = all || p->n_zombies < SAMPLE ? p->n_zombies : SAMPLE;

	p->zombies = xcalloc(n, sizeof(*p->zombies));
	p->n_looked_at = n;
	for (size_t k = 0; k < n; k++) {
		p->zombies[k].process = p->held[k * p->n_zombies / n];
		details_unread(p->zombies[k].process, &p->zombies[k].details);
	}
}

static int read_parent(const struct collection *job, struct parent_case *p)
{
	unsigned want = WANT_STATUS | WANT_CGROUP | WANT_THREADS | WANT_DOING;

	want |= job->depth == CASES_FULL ? WANT_SIGNALFD | WANT_PIDNS : WANT_SIGNALFD_IF_BLOCKED;
	/* brief ones are many: each is confirmed by a zombie of it, see is_confirmed() */
	want |= job->depth == CASES_BRIEF ? WANT_UNVERIFIED : 0;
	return details_read(job->cases->census, p->process, want, &p->details);
}

static void look_at_parent(void *arg, size_t i)
{
	const struct collection *job = arg;
	struct parent_case *p = &job->cases->parents[i];

	if (p->process && read_parent(job, p) < 0) {
		p->n_zombies = 0;
		return;
	}
	cases_parent_evidence(job->ctx, job->cases->census, p);
	pick_zombies(job, p);
}

/* Its own tracer is no obstacle to a parent: ptrace(2) */
static enum tri traced_by_other(const struct census *c, const struct parent_case *p, pid_t tracer)
{
	char path[64];

	if (tracer == 0)
		return TRI_NO;
	if (tracer == p->details.process.pid)
		return TRI_NO;
	if (census_find(c, tracer))
		return TRI_YES;
	snprintf(path, sizeof(path), "%d/task/%d", p->details.process.pid, tracer);
	return tri_of(faccessat(c->procfd, path, F_OK, 0) != 0);
}

static pid_t forked_by(const struct parent_case *p, pid_t child)
{
	if (p->details.n_threads == 1)
		return p->details.threads[0].tid;
	for (size_t i = 0; i < p->details.n_threads; i++)
		for (size_t k = 0; k < p->details.threads[i].n_children; k++)
			if (p->details.threads[i].children[k] == child)
				return p->details.threads[i].tid;
	return 0;
}

static void judge_evidence(const struct collection *job, const struct parent_case *p,
			   struct zombie_case *z)
{
	const struct census *c = job->cases->census;
	const struct process_kernel *kernel = census_kernel(c, z->process);
	const struct details *d = &z->details;
	struct zombie_evidence *e = &z->evidence;

	if (kernel) {
		e->tracer = kernel->tracer;
		e->traced = traced_by_other(c, p, kernel->tracer);
	} else if (details_has(d, WANT_STATUS)) {
		e->tracer = d->status.tracer;
		e->traced = traced_by_other(c, p, d->status.tracer);
	}
	e->parent_thread = forked_by(p, z->process->pid);
	dying_judge(&job->dying, c, z->process, d, e);
	if (p->process) {
		z->adoption = cases_adoption(c, z->process, d, p->process, &p->details);
		e->adopted = z->adoption.adopted;
		e->adopted_proven = z->adoption.proven;
	}
	/* the group's exit code is set once its last thread goes */
	z->exit_known = z->process->threads <= 1 &&
			(kernel || z->process->exit_code != 0 || details_has(d, WANT_PIDNS));
	z->death_known = kernel && kernel->died_ns != 0;
	/* the pass over all goes on while some die */
	z->died_ns = kernel && kernel->died_ns < c->taken_ns ? kernel->died_ns : c->taken_ns;
	if (z->death_known)
		e->lasting = tri_of(c->taken_ns - z->died_ns > VERDICT_LASTING_S * NS_PER_S);
	else if (cases_age_s(c, z->process) < VERDICT_LASTING_S)
		e->lasting = TRI_NO; /* it cannot be dead for longer than it exists */
	z->looked_at = true;
}

/* BPF has told all that a brief case asks of a zombie, unless its session inside must be known */
static unsigned wanted_of_zombie(const struct collection *job, const struct parent_case *p)
{
	if (job->depth == CASES_FULL)
		return WANT_STATUS | WANT_PIDNS | WANT_CGROUP;
	if (job->scope.by_pidns)
		return WANT_STATUS | WANT_PIDNS;
	if (job->cases->census->kernel && p->evidence.init != TRI_YES)
		return 0;
	return dying_any(&job->dying) ? WANT_STATUS | WANT_PIDNS : WANT_STATUS;
}

static void look_at_zombie(void *arg, size_t i)
{
	const struct collection *job = arg;
	const struct parent_case *p = job->looked[i].parent;
	struct zombie_case *z = job->looked[i].zombie;
	unsigned want = wanted_of_zombie(job, p);
	struct details d;
	int r;

	z->evidence.pid = z->process->pid;
	z->evidence.threads = z->process->threads;
	z->evidence.exit_signal = z->process->exit_signal;
	/* one that is reaped meanwhile keeps what the census saw */
	r = want == WANT_STATUS ? details_read_zombie(job->cases->census, z->process, &d) :
	    want		? details_read(job->cases->census, z->process, want, &d) :
				  -ESRCH;
	if (r == 0)
		z->details = d;
	z->confirms = r == 0 && want == WANT_STATUS;
	if (job->scope.by_pidns &&
	    !scope_has_process(&job->scope, job->cases->census, z->process, &z->details))
		return;
	judge_evidence(job, p, z);
}

static void share_zombies(struct collection *job)
{
	size_t n = 0;

	for (size_t i = 0; i < job->cases->n; i++)
		n += job->cases->parents[i].n_looked_at;
	job->looked = xcalloc(n, sizeof(*job->looked));
	for (size_t i = 0; i < job->cases->n; i++) {
		struct parent_case *p = &job->cases->parents[i];

		for (size_t k = 0; k < p->n_looked_at; k++)
			job->looked[job->n++] = (struct looked){ p, &p->zombies[k] };
	}
}

/*
 * Was it the census's process that was looked at? A zombie that has this number for its parent after
 * that says so: would the first have ended, its zombies would be a reaper's. Else the start time does.
 */
static bool is_confirmed(const struct collection *job, const struct parent_case *p)
{
	auto_close int dir = -1;

	if (!p->process || job->depth == CASES_FULL)
		return true;
	for (size_t k = 0; k < p->n_looked_at; k++)
		if (p->zombies[k].confirms)
			return true;
	dir = details_pin(job->cases->census, p->process, NULL);
	return dir >= 0;
}

/* Leave out what the scope does not hold: looked_at is false for zombies that it turned away */
static void narrow(struct collection *job)
{
	size_t kept = 0;

	for (size_t i = 0; i < job->cases->n; i++) {
		struct parent_case *p = &job->cases->parents[i];
		size_t n = 0;

		for (size_t k = 0; job->scope.by_pidns && k < p->n_looked_at; k++) {
			if (!p->zombies[k].looked_at) {
				details_done(&p->zombies[k].details);
				continue;
			}
			p->held[n] = p->zombies[k].process;
			p->zombies[n++] = p->zombies[k];
		}
		if (job->scope.by_pidns)
			p->n_zombies = p->n_looked_at = n;
		if (p->n_zombies > 0 && scope_has_container(&job->scope, &p->details) &&
		    is_confirmed(job, p))
			job->cases->parents[kept++] = *p;
		else
			parent_case_done(p);
	}
	job->cases->n = kept;
}

/* Parents side by side are mostly in one cgroup: ask once for it */
static enum tri frozen(struct collection *job, const struct details *d)
{
	const struct details *last = job->frozen_of;

	if (!details_has(d, WANT_CGROUP))
		return TRI_UNKNOWN;
	if (!last || last->cgroups_len != d->cgroups_len ||
	    memcmp(last->cgroups, d->cgroups, d->cgroups_len) != 0)
		job->frozen = cgroup_frozen(job->ctx->cgroupfd, d->cgroups, d->cgroups_len, NULL);
	job->frozen_of = d;
	return job->frozen;
}

static void find_oldest(const struct census *c, struct parent_case *p)
{
	p->oldest_exact = c->kernel != NULL;
	for (size_t i = 0; i < p->n_zombies; i++) {
		const struct process_kernel *kernel = census_kernel(c, p->held[i]);
		bool exact = kernel && kernel->died_ns;
		double s = exact ? (double)(c->taken_ns - kernel->died_ns) / 1e9 :
				   cases_age_s(c, p->held[i]);

		p->oldest_exact &= exact;
		p->oldest_s = s > p->oldest_s ? s : p->oldest_s;
	}
}

static void judge_parent(void *arg, size_t i)
{
	const struct collection *job = arg;
	struct parent_case *p = &job->cases->parents[i];
	auto_free struct zombie_evidence *evidence = xcalloc(p->n_looked_at, sizeof(*evidence));

	for (size_t k = 0; k < p->n_looked_at; k++)
		evidence[k] = p->zombies[k].evidence;
	verdict_of_parent(&p->evidence, evidence, p->n_looked_at, &p->verdict);
	find_oldest(job->cases->census, p);
}

static int compare_parents(const void *a, const void *b)
{
	const struct parent_case *x = a, *y = b;

	if (x->n_zombies != y->n_zombies)
		return x->n_zombies < y->n_zombies ? 1 : -1;
	return (x->oldest_s < y->oldest_s) - (x->oldest_s > y->oldest_s);
}

static int collect(struct collection *job)
{
	struct context *ctx = job->ctx;
	struct cases *ret = job->cases;
	int r;

	*ret = (struct cases){ 0 };
	r = look_census(ctx, &ret->census);
	if (r < 0)
		return r;
	r = scope_resolve(ctx, ret->census, &job->scope);
	if (r < 0) {
		cases_done(ret);
		return r;
	}
	dying_find(ret->census, &job->dying);
	families_group(ret, job->about, job->n_about);
	parallel_for(ret->n, MIN_PER_THREAD, look_at_parent, job);
	share_zombies(job);
	parallel_for(job->n, MIN_PER_THREAD, look_at_zombie, job);
	free(job->looked);
	narrow(job);
	for (size_t i = 0; i < ret->n; i++) {
		ret->parents[i].evidence.frozen = frozen(job, &ret->parents[i].details);
		ret->n_zombies += ret->parents[i].n_zombies;
	}
	parallel_for(ret->n, MIN_PER_THREAD, judge_parent, job);
	if (ret->n > 0)
		qsort(ret->parents, ret->n, sizeof(*ret->parents), compare_parents);
	dying_done(&job->dying);
	/* a parent that could not be looked at counts as gone: half of them is no answer */
	r = context_complete();
	if (r < 0) {
		cases_done(ret);
		return r;
	}
	if (ret->n == 0 &&
	    scope_complain_empty(&job->scope, scope_exists(&job->scope, ret->census)) < 0) {
		cases_done(ret);
		return -ESRCH;
	}
	return 0;
}

int cases_collect(struct context *ctx, enum cases_depth depth, struct cases *ret)
{
	struct collection job = { .ctx = ctx, .cases = ret, .depth = depth };

	return collect(&job);
}

int cases_collect_about(struct context *ctx, const pid_t *pids, size_t n, struct cases *ret)
{
	struct collection job = {
		.ctx = ctx, .cases = ret, .depth = CASES_FULL, .about = pids, .n_about = n
	};

	return collect(&job);
}

void parent_case_done(struct parent_case *p)
{
	for (size_t i = 0; i < p->n_looked_at; i++)
		details_done(&p->zombies[i].details);
	details_done(&p->details);
	free(p->zombies);
	free(p->threads);
	*p = (struct parent_case){ 0 };
}

void cases_done(struct cases *cases)
{
	for (size_t i = 0; i < cases->n; i++)
		parent_case_done(&cases->parents[i]);
	free(cases->parents);
	free(cases->held);
	census_free(cases->census);
	*cases = (struct cases){ 0 };
}

void cases_judge_zombie(const struct parent_case *p, const struct zombie_case *z,
			struct verdict *ret)
{
	verdict_of_zombie(&p->evidence, &z->evidence, ret);
}
