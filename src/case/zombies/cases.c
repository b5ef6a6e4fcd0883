/* SPDX-License-Identifier: MIT */
#include "case/zombies/cases.h"

#include <errno.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/parallel.h"
#include "case/zombies/dying.h"
#include "case/zombies/families.h"
#include "inspect/trace/tracer.h"
#include "case/look.h"
#include "case/scope.h"
#include "case/zombies/remaining.h"
#include "case/zombies/tracing.h"
#include "limits/freezer.h"

#define MIN_PER_THREAD 128 /* looking at one process costs several files */

struct looked {
	const struct parent_case *parent;
	struct zombie_case *zombie;
};

struct collection {
	struct sight *sight;
	struct cases *cases;
	enum cases_depth depth;
	struct scope scope;
	struct dying dying;
	struct cases_about *about; /* NULL: everybody */
	struct looked *looked;	   /* zombies of all parents, for the threads to share */
	size_t n;
	struct freezer freezer;
	const struct details *frozen_of; /* whose cgroups the last answer was about */
	enum tri frozen;
};

static bool looks_at_all(const struct collection *job)
{
	return job->depth == CASES_FULL || job->scope.by_pidns;
}

/* Room for what may be looked at of each parent: those that are gone by then leave a part of it unused */
static void make_room(const struct collection *job)
{
	struct cases *cases = job->cases;
	struct zombie_case *room;
	size_t n = 0;

	for (size_t i = 0; i < cases->n; i++)
		n += remaining_sample(&cases->parents[i], looks_at_all(job));
	cases->room = room = xcalloc(n, sizeof(*room));
	memory_ready(room, n * sizeof(*room));
	for (size_t i = 0; i < cases->n; i++) {
		cases->parents[i].zombies = room;
		room += remaining_sample(&cases->parents[i], looks_at_all(job));
	}
}

/* All zombies, or of a brief case a sample spread evenly */
static void pick_zombies(const struct collection *job, struct parent_case *p)
{
	size_t n = remaining_sample(p, looks_at_all(job));

	p->n_looked_at = n;
	for (size_t k = 0; k < n; k++) {
		p->zombies[k].process = remaining_nth(p, k, n);
		/* as by details_unread(): the room is zeroed */
		p->zombies[k].details.process = *p->zombies[k].process;
	}
}

static int read_parent(const struct collection *job, struct parent_case *p)
{
	unsigned want = WANT_STATUS | WANT_CGROUP | WANT_THREADS | WANT_DOING | WANT_SLEPT;

	want |= job->depth == CASES_FULL ? WANT_SIGNALFD | WANT_PIDNS : WANT_SIGNALFD_IF_BLOCKED;
	/* brief ones are many: each is confirmed by a zombie of it */
	want |= job->depth == CASES_BRIEF ? WANT_UNVERIFIED : 0;
	return details_read(job->cases->census, p->process, want, &p->details);
}

static void look_at_parent(void *arg, size_t i)
{
	const struct collection *job = arg;
	struct parent_case *p = &job->cases->parents[i];

	if (p->process && read_parent(job, p) == -ESRCH) {
		p->n_zombies = 0;
		return;
	}
	p->unread = p->process && !details_has(&p->details, WANT_STATUS);
	/* only now: what it does is no reason for a zombie that it has reaped since the census */
	remaining_zombies(job->cases->census, p, looks_at_all(job));
	/* a brief look at the parent was at whoever has the number */
	if (p->process && !p->confirmed && job->depth == CASES_BRIEF)
		remaining_parent(job->cases->census, p);
	cases_parent_evidence(job->sight, job->cases->census, p);
	pick_zombies(job, p);
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
		e->traced = tracing_by_other(c, p, kernel->tracer);
	} else if (details_has(d, WANT_STATUS)) {
		e->tracer = tracer_process(c, d->status.tracer);
		e->traced = tracing_by_other(c, p, d->status.tracer);
	}
	if (z->process->threads > 1)
		tracing_find_threads(c, d, e);
	z->blocker = zombie_blocker(e);
	e->parent_thread = forked_by(p, z->process->pid);
	dying_judge(&job->dying, c, z->process, d, p->process ? &p->details : NULL, e);
	if (p->process) {
		z->adoption = cases_adoption(c, z->process, d, p->process, &p->details);
		e->adopted = z->adoption.adopted;
		e->adopted_proven = z->adoption.proven;
		e->replaced = cases_replaced(c, z->process, p->process);
		/* who runs /proc/self/exe is called exe, and so is a copy of who ran by that before */
		e->same_name = (z->process->flags & PF_FORKNOEXEC) &&
			       (streq(z->process->comm, p->process->comm) ||
				streq(p->process->comm, "exe") || streq(z->process->comm, "exe"));
	}
	/* the group's exit code is set once its last thread goes */
	z->exit_known = z->process->threads <= 1 &&
			(kernel || z->process->exit_code != 0 || details_has(d, WANT_PIDNS));
	z->death_known = kernel && kernel->died_ns != 0;
	/* the pass over all goes on while some die */
	z->died_ns = kernel && kernel->died_ns < c->taken_ns ? kernel->died_ns : c->taken_ns;
	e->lasting = cases_dead_for(c, z->process, VERDICT_LASTING_S);
	e->overdue = cases_dead_for(c, z->process, VERDICT_OVERDUE_S);
	if (p->process)
		e->ran_since = cases_ran_since(c, z->process, kernel ? kernel->died_ns : 0,
					       kernel ? kernel->died_error_ns : 0, p->process);
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

	/* who of them is dead too, the census does not tell */
	if (z->process->threads > 1)
		want |= WANT_STATUS | WANT_THREADS;
	z->evidence.pid = z->process->pid;
	z->evidence.threads = z->process->threads;
	z->evidence.exit_signal = z->process->exit_signal;
	/* one that is reaped from here on keeps what was seen of it: its parent had let it lie */
	if (want)
		(void)details_read(job->cases->census, z->process, want, &z->details);
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
		if (p->n_zombies > 0 && scope_has_container(&job->scope, &p->details))
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
		job->frozen = cgroup_frozen(&job->freezer, d->cgroups, d->cgroups_len, NULL);
	job->frozen_of = d;
	return job->frozen;
}

static void judge_parent(void *arg, size_t i)
{
	const struct collection *job = arg;
	struct parent_case *p = &job->cases->parents[i];
	auto_free const struct verdict **verdicts = xcalloc(p->n_looked_at, sizeof(*verdicts));

	for (size_t k = 0; k < p->n_looked_at; k++) {
		struct zombie_case *z = &p->zombies[k];

		verdict_of_zombie(&p->evidence, &z->evidence, &z->verdict);
		verdicts[k] = &z->verdict;
	}
	verdict_of_parent(verdicts, p->n_looked_at, &p->verdict);
	remaining_oldest(job->cases->census, p);
}

/* What is in the answer, and of how much of it something is unknown */
static void count(struct cases *cases, const struct parent_case *p)
{
	cases->n_zombies += p->n_zombies;
	cases->n_unread += p->unread;
	for (size_t k = 0; k < p->n_looked_at; k++)
		cases->n_unread += p->zombies[k].details.unread != 0 &&
				   p->zombies[k].details.unread != -ESRCH;
}

static int compare_parents(const void *a, const void *b)
{
	const struct parent_case *x = a, *y = b;

	if (x->n_zombies != y->n_zombies)
		return x->n_zombies < y->n_zombies ? 1 : -1;
	return (x->oldest_s < y->oldest_s) - (x->oldest_s > y->oldest_s);
}

/* One that was not at it yet before the settle time may end like any other */
static void note_dying(struct collection *job, const struct dying_init *dying)
{
	const struct census *c = job->cases->census;
	const struct process *init = census_find(c, dying->pid);
	struct details d;
	bool within;

	if (!init || !dying_was(c->earlier, init) ||
	    details_read(c, init, WANT_STATUS | WANT_PIDNS | WANT_CGROUP, &d) < 0)
		return;
	within = scope_has_process(&job->scope, c, init, &d) &&
		 scope_has_container(&job->scope, &d);
	details_done(&d);
	if (!within)
		return;
	job->cases->n_dying += dying->certain;
	job->cases->n_maybe_dying += !dying->certain;
	if (dying->certain)
		sight_remark(job->sight, REMARK_NAMESPACE_DYING, .n = (uint64_t)dying->pid);
}

static int collect(struct collection *job)
{
	struct sight *sight = job->sight;
	struct cases *ret = job->cases;
	int r;

	*ret = (struct cases){ 0 };
	r = look_census(sight, &ret->census);
	if (r < 0)
		return r;
	r = scope_resolve(sight, ret->census, &job->scope);
	if (r == 0 && job->about && job->about->find)
		r = job->about->find(job->about, sight, ret->census, &job->scope);
	if (r < 0) {
		cases_done(ret);
		return r;
	}
	dying_find(ret->census, &job->dying);
	for (size_t i = 0; !job->about && i < job->dying.n; i++)
		note_dying(job, &job->dying.inits[i]);
	families_group(ret, job->about ? job->about->pids : NULL, job->about ? job->about->n : 0);
	make_room(job);
	parallel_for(ret->n, MIN_PER_THREAD, look_at_parent, job);
	share_zombies(job);
	parallel_for(job->n, MIN_PER_THREAD, look_at_zombie, job);
	free(job->looked);
	narrow(job);
	freezer_open(job->sight->cgroupfd, &job->freezer);
	for (size_t i = 0; i < ret->n; i++) {
		struct parent_case *p = &ret->parents[i];

		p->evidence.frozen = frozen(job, &p->details);
		if (p->evidence.frozen == TRI_YES)
			p->evidence.frozen_all =
				freezer_holds_all(&job->freezer, ret->census, &p->details);
		count(ret, p);
	}
	freezer_close(&job->freezer);
	parallel_for(ret->n, MIN_PER_THREAD, judge_parent, job);
	if (ret->n > 0)
		qsort(ret->parents, ret->n, sizeof(*ret->parents), compare_parents);
	dying_done(&job->dying);
	/* a parent that could not be looked at counts as gone: half of them is no answer */
	r = sight_complete(sight);
	if (r < 0) {
		cases_done(ret);
		return r;
	}
	if (ret->n == 0 &&
	    scope_complain_empty(sight, &job->scope, scope_exists(&job->scope, ret->census)) < 0) {
		cases_done(ret);
		return -ESRCH;
	}
	return 0;
}

int cases_collect(struct sight *sight, enum cases_depth depth, struct cases *ret)
{
	struct collection job = { .sight = sight, .cases = ret, .depth = depth };

	return collect(&job);
}

int cases_collect_about(struct sight *sight, struct cases_about *about, struct cases *ret)
{
	struct collection job = {
		.sight = sight, .cases = ret, .depth = CASES_FULL, .about = about
	};

	return collect(&job);
}

void parent_case_done(struct parent_case *p)
{
	for (size_t i = 0; i < p->n_looked_at; i++)
		details_done(&p->zombies[i].details);
	details_done(&p->details);
	free(p->threads);
	*p = (struct parent_case){ 0 };
}

void cases_done(struct cases *cases)
{
	for (size_t i = 0; i < cases->n; i++)
		parent_case_done(&cases->parents[i]);
	free(cases->parents);
	free(cases->held);
	free(cases->room);
	census_free(cases->census);
	*cases = (struct cases){ 0 };
}
