/* SPDX-License-Identifier: MIT */
/* From what was read to what the judge wants: evidence about parents, zombies and adoption. */
#include <signal.h>
#include <sys/wait.h>

#include "cmd/cases.h"
#include "inspect/pidns.h"
#include "inspect/waits.h"

static enum thread_waits thread_waits(const struct thread *t)
{
	if (t->state == 'Z' || t->state == 'X')
		return THREAD_WAITS_NOT;
	if (!t->blocked_in.known || t->blocked_in.running)
		return THREAD_WAITS_UNKNOWN;
	/* a stopped or frozen thread may stand in a wait that it cannot come back from */
	if (t->state != 'S')
		return t->blocked_in.wait == WAIT_FOR_NONE ? THREAD_WAITS_NOT :
							     THREAD_WAITS_UNKNOWN;
	switch (t->blocked_in.wait) {
	case WAIT_FOR_ANY:
		return THREAD_WAITS_ANY;
	case WAIT_FOR_PID:
	case WAIT_FOR_PIDFD:
		return THREAD_WAITS_PID;
	case WAIT_FOR_GROUP:
		return THREAD_WAITS_GROUP;
	case WAIT_FOR_SIGNALS:
		if (!t->awaited)
			return THREAD_WAITS_SIGNALS;
		return mask_has(t->awaited, SIGCHLD) ? THREAD_WAITS_SIGCHLD : THREAD_WAITS_NOT;
	default:
		return THREAD_WAITS_NOT;
	}
}

static void thread_evidence(const struct census *c, struct parent_case *p)
{
	const struct details *d = &p->details;

	p->threads = xcalloc(d->n_threads, sizeof(*p->threads));
	for (size_t i = 0; i < d->n_threads; i++) {
		const struct thread *t = &d->threads[i];
		struct thread_evidence *e = &p->threads[i];

		e->tid = t->tid;
		e->waits = thread_waits(t);
		e->running = t->blocked_in.known && t->blocked_in.running;
		e->options = t->blocked_in.options;
		if (e->waits == THREAD_WAITS_PID)
			e->pid = waits_target(c, d, &t->blocked_in);
	}
	p->evidence.threads = p->threads;
	p->evidence.n_threads = d->n_threads;
}

static void mask_evidence(struct parent_case *p)
{
	const struct details *d = &p->details;
	const struct signal_masks *m = &d->status.masks;
	struct parent_evidence *e = &p->evidence;

	e->masks_known = details_has(d, WANT_STATUS | WANT_THREADS);
	if (!e->masks_known)
		return;
	e->disposition = mask_has(m->ignored, SIGCHLD) ? SIGCHLD_IGNORED :
			 mask_has(m->caught, SIGCHLD)  ? SIGCHLD_CAUGHT :
							 SIGCHLD_DEFAULT;
	/* one that waits for a thread alone does not keep another from being queued for all */
	e->pending = mask_has(m->shared_pending, SIGCHLD);
	e->blocked = true;
	for (size_t i = 0; i < d->n_threads; i++) {
		if (!mask_has(d->threads[i].masks.blocked, SIGCHLD) && d->threads[i].state != 'Z' &&
		    d->threads[i].state != 'X')
			e->blocked = false;
	}
}

/* vfork(2): the parent sleeps until the child runs a program or ends; clone(2) with CLONE_VFORK */
static void vfork_evidence(const struct census *c, struct parent_case *p)
{
	static const char *const calls[] = { "vfork", "clone", "clone3" };
	const struct details *d = &p->details;
	const struct blocked_in *in = d->n_threads == 1 ? &d->threads[0].blocked_in : NULL;
	const struct process *child, *last = NULL;

	if (p->evidence.state != 'D' || !in || !in->known || !in->name)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		p->evidence.in_vfork |= streq(in->name, calls[i]);
	if (!p->evidence.in_vfork)
		return;
	for (child = census_first_child(c, p->process); child; child = census_next_child(c, child))
		if (child->state != 'Z' && (!last || child->start_ticks >= last->start_ticks))
			last = child;
	p->evidence.vfork_child = last ? last->pid : 0;
}

void cases_parent_evidence(struct context *ctx, const struct census *c, struct parent_case *p)
{
	const struct process_kernel *kernel = p->process ? census_kernel(c, p->process) : NULL;
	const struct details *d = &p->details;
	struct parent_evidence *e = &p->evidence;

	e->pid = d->process.pid;
	e->seen = p->process != NULL;
	if (!e->seen)
		return;
	e->state = details_state(d);
	e->settled = tri_of(ctx->options.settle_ms > 0);
	e->settled_long = ctx->options.settle_ms >= VERDICT_SETTLED_MS;
	e->tracer = details_has(d, WANT_STATUS) ? d->status.tracer : 0;
	e->init = details_ns_pid(d) ? tri_of(details_ns_pid(d) == 1) : TRI_UNKNOWN;
	e->is_machine_init = d->process.pid == 1 &&
			     pidns_is_outermost(ctx->own_proc, c, d) == TRI_YES;
	e->subreaper = d->subreaper;
	e->signalfd = d->signalfd;
	e->no_cldwait = kernel ? tri_of(kernel->no_cldwait) : TRI_UNKNOWN;
	mask_evidence(p);
	thread_evidence(c, p);
	vfork_evidence(c, p);
}

static enum tri is_init(const struct census *c, const struct process *p, const struct details *d)
{
	const struct process_kernel *kernel = census_kernel(c, p);

	if (kernel)
		return tri_of(kernel->is_init);
	return details_ns_pid(d) ? tri_of(details_ns_pid(d) == 1) : TRI_UNKNOWN;
}

/*
 * Whether the parent is or ever was a subreaper. The mark of being below one is never taken back, and
 * a child takes it from its parent (Linux kernel/fork.c:copy_process(), kernel/sys.c:
 * propagate_has_child_subreaper(), which passes over the inits of namespaces): a child without it never
 * had one above.
 */
static enum tri was_subreaper(const struct process_kernel *child,
			      const struct process_kernel *parent)
{
	if (!child || !parent)
		return TRI_UNKNOWN;
	if (parent->subreaper)
		return TRI_YES;
	if (!child->has_subreaper && !child->is_init)
		return TRI_NO;
	return parent->has_subreaper || child->is_init ? TRI_UNKNOWN : TRI_YES;
}

static void leader_evidence(const struct census *c, const struct process *child,
			    struct adoption_evidence *e)
{
	const struct process *leader = census_find(c, child->sid);
	const struct process *group = census_find(c, child->pgrp);

	if (leader && leader->sid == leader->pid) {
		e->leader_alive = true;
		e->leader_ppid = leader->ppid;
		e->leader_start = leader->start_ticks;
	}
	if (group && group->pgrp == group->pid && group->sid == child->sid) {
		e->group_leader_alive = true;
		e->group_leader_ppid = group->ppid;
		e->group_leader_start = group->start_ticks;
	}
}

struct adoption cases_adoption(const struct census *c, const struct process *child,
			       const struct details *child_details, const struct process *parent,
			       const struct details *parent_details)
{
	const struct process_kernel *child_kernel = census_kernel(c, child);
	const struct process_kernel *parent_kernel = census_kernel(c, parent);
	struct adoption_evidence e = {
		.child = child->pid,
		.child_sid = child->sid,
		.child_pgrp = child->pgrp,
		.child_start = child->start_ticks,
		.parent = parent->pid,
		.parent_sid = parent->sid,
		.parent_pgrp = parent->pgrp,
		.parent_start = parent->start_ticks,
		.parent_is_init = is_init(c, parent, parent_details),
		.parent_is_subreaper = parent_kernel ? tri_of(parent_kernel->subreaper) :
						       TRI_UNKNOWN,
		.parent_was_subreaper = was_subreaper(child_kernel, parent_kernel),
		.exit_signal = child->exit_signal,
		.child_parent_exec_id = child_kernel ? child_kernel->parent_exec_id : 0,
		.parent_self_exec_id = parent_kernel ? parent_kernel->self_exec_id : 0,
		.attached_late = child_kernel && child_kernel->attached_late,
	};

	if (details_has(child_details, WANT_STATUS) && details_has(parent_details, WANT_STATUS)) {
		e.ns_sid_known = true;
		e.ns_sid = child_details->status.ns_sid;
		e.ns_parent_sid = parent_details->status.ns_sid;
	}
	leader_evidence(c, child, &e);
	return adoption_judge(&e);
}

double cases_age_s(const struct census *c, const struct process *p)
{
	double now = (double)c->taken_ns / 1e9;
	double age = now - (double)p->start_ticks / (double)sysconf(_SC_CLK_TCK);

	return age > 0 ? age : 0;
}
