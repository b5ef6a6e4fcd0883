/* SPDX-License-Identifier: MIT */
/* From what was read to what the judge wants: evidence about parents, zombies and adoption. */
#include <signal.h>
#include <sys/wait.h>

#include "case/zombies/cases.h"
#include "base/duration.h"
#include "case/zombies/holders.h"
#include "inspect/threads/ending.h"
#include "case/zombies/sleeps.h"
#include "inspect/threads/glimpse.h"
#include "inspect/pidns.h"
#include "inspect/trace/tracer.h"
#include "inspect/threads/waits.h"

/* A running task's time on its CPU is noted at each tick, at least 100 times a second */
#define JUST_BORN_NS (NS_PER_S / 33)

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

/* Whether the look before the settle time saw this thread in this state too, and it was so in between */
static enum tri same_state(const struct census *c, const struct process *p, const struct thread *t,
			   enum tri ran)
{
	if (!c->earlier || !strchr("TtD", t->state))
		return TRI_UNKNOWN;
	return tri_of(ran == TRI_NO && census_was_held(c->earlier, p->pid, t->tid, t->state));
}

/* Asked only of one that something seems to hold: from /proc it takes a file a thread */
static enum tri ran_between(const struct census *c, const struct parent_case *p)
{
	for (size_t i = 0; i < p->details.n_threads; i++)
		if (strchr("TtD", p->details.threads[i].state))
			return glimpse_ran_between(c, p->process);
	return TRI_UNKNOWN;
}

static void thread_evidence(const struct census *c, struct parent_case *p)
{
	const struct details *d = &p->details;
	const enum tri ran = ran_between(c, p);

	p->threads = xcalloc(d->n_threads, sizeof(*p->threads));
	for (size_t i = 0; i < d->n_threads; i++) {
		const struct thread *t = &d->threads[i];
		struct thread_evidence *e = &p->threads[i];

		e->tid = t->tid;
		e->state = t->state;
		e->same = same_state(c, p->process, t, ran);
		e->in_vfork = t->in_vfork;
		e->in_do_wait = t->in_do_wait;
		e->waits = thread_waits(t);
		e->running = t->blocked_in.known && t->blocked_in.running;
		e->options = t->blocked_in.options;
		if (e->waits == THREAD_WAITS_PID)
			e->pid = waits_target(c, d, &t->blocked_in);
	}
	p->evidence.threads = p->threads;
	p->evidence.n_threads = d->n_threads;
}

/* stat(5) fields that grow where a child was waited for, but not where the kernel reaps by itself */
static void waiting_evidence(const struct census *c, struct parent_case *p)
{
	const struct process *before = c->earlier ? census_find(c->earlier, p->process->pid) : NULL;

	if (census_kernel(c, p->process) || c->source == CENSUS_PROCFS)
		p->evidence.waited = tri_of(p->process->waited > 0);
	p->evidence.waits_now = before && process_is_same(before, p->process) &&
				c->earlier->source == c->source &&
				before->waited != p->process->waited;
}

/* Linux fs/select.c:do_pselect(), do_sys_poll(), fs/eventpoll.c, kernel/signal.c:sigsuspend(): set_user_sigmask() */
static bool takes_mask(const struct blocked_in *in)
{
	static const struct {
		const char *name;
		int arg; /* -1: always */
	} calls[] = {
		{ "pselect6", 5 },	 { "pselect6_time64", 5 }, { "ppoll", 3 },
		{ "ppoll_time64", 3 },	 { "epoll_pwait", 4 },	   { "epoll_pwait2", 4 },
		{ "rt_sigsuspend", -1 },
	};

	for (size_t i = 0; in->known && in->name && i < ARRAY_SIZE(calls); i++)
		if (streq(in->name, calls[i].name))
			return calls[i].arg < 0 || in->args[calls[i].arg] != 0;
	return false;
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
		e->call_mask |= takes_mask(&d->threads[i].blocked_in);
	}
}

/* The child that a parent in vfork(2) waits for: the last that it forked */
static pid_t vfork_child(const struct census *c, const struct parent_case *p)
{
	const struct process *child, *last = NULL;
	bool any = false;

	for (size_t i = 0; i < p->details.n_threads; i++)
		any |= p->details.threads[i].in_vfork;
	if (!any)
		return 0;
	for (child = census_first_child(c, p->process); child; child = census_next_child(c, child))
		if (child->state != 'Z' && (!last || child->start_ticks >= last->start_ticks))
			last = child;
	return last ? last->pid : 0;
}

void cases_parent_evidence(struct sight *sight, const struct census *c, struct parent_case *p)
{
	const struct process_kernel *kernel = p->process ? census_kernel(c, p->process) : NULL;
	const struct details *d = &p->details;
	struct parent_evidence *e = &p->evidence;

	e->pid = d->process.pid;
	e->seen = p->process != NULL;
	if (!e->seen)
		return;
	e->state = details_state(d);
	e->single = d->process.threads <= 1;
	e->settled = tri_of(sight->settle_ms > 0);
	e->settled_long = sight->settle_ms >= VERDICT_SETTLED_MS;
	e->ran_between = glimpse_ran_between(c, p->process);
	if (kernel && kernel->group_left_ns != INT64_MAX)
		e->rested = tri_of(c->taken_ns - kernel->group_left_ns >
				   VERDICT_REST_MS * (NS_PER_S / 1000));
	e->tracer = details_has(d, WANT_STATUS) ? tracer_process(c, d->status.tracer) : 0;
	e->init = details_ns_pid(d) ? tri_of(details_ns_pid(d) == 1) : TRI_UNKNOWN;
	e->is_machine_init = d->process.pid == 1 && pidns_is_outermost(c, d) == TRI_YES;
	e->subreaper = d->subreaper;
	e->signalfd = d->signalfd;
	e->no_cldwait = kernel ? tri_of(kernel->no_cldwait) : TRI_UNKNOWN;
	mask_evidence(p);
	thread_evidence(c, p);
	waiting_evidence(c, p);
	e->sleeps_long = sleeps_long(c, p);
	e->reads = holders_reads(c, p->process, d);
	e->fed = waits_for_others(d);
	e->vfork_child = vfork_child(c, p);
	e->ending = ending_of(c, p->process, d);
	e->core_dumping = details_has(d, WANT_STATUS) && d->status.core_dumping;
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

/*
 * No thread of the parent has run since before the child was born, so none of them forked it. What lost a
 * thread may have had it from that one; what was born as the pass began, from one that was still on a CPU.
 */
static bool slept_since_birth(const struct census *c, const struct process *child,
			      const struct process *parent)
{
	const struct process_kernel *ck = census_kernel(c, child), *pk = census_kernel(c, parent);

	return ck && pk && !pk->lost_thread && (int64_t)ck->start_ns + JUST_BORN_NS < c->taken_ns &&
	       pk->group_left_ns < (int64_t)ck->start_ns;
}

/* The birth is told in whole ticks, rounded down */
static bool threads_slept_since(const struct process *child, const struct details *parent)
{
	return details_has(parent, WANT_SLEPT) &&
	       parent->slept_ns < child->start_ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

enum tri cases_dead_for(const struct census *c, const struct process *zombie, int64_t seconds)
{
	const struct process_kernel *kernel = census_kernel(c, zombie);

	if (kernel && kernel->died_ns)
		return tri_of(c->taken_ns - kernel->died_ns > seconds * NS_PER_S);
	/* it cannot be dead for longer than it exists */
	return cases_age_s(c, zombie) < (double)seconds ? TRI_NO : TRI_UNKNOWN;
}

enum tri cases_replaced(const struct census *c, const struct process *child,
			const struct process *parent)
{
	const struct process_kernel *ck = census_kernel(c, child), *pk = census_kernel(c, parent);

	if (ck && pk && ck->parent_exec_id)
		return tri_of(ck->parent_exec_id < pk->self_exec_id);
	/* it never ran another program, or the child is a copy of the one that it runs */
	if ((parent->flags & PF_FORKNOEXEC) ||
	    ((child->flags & PF_FORKNOEXEC) && streq(child->comm, parent->comm)))
		return TRI_NO;
	return TRI_UNKNOWN;
}

enum tri cases_ran_since(const struct census *c, const struct process *child, int64_t died_ns,
			 int64_t error_ns, const struct process *parent)
{
	const struct process_kernel *pk = census_kernel(c, parent);

	if (!pk)
		return c->earlier && glimpse_ran_since(c->earlier, parent) == TRI_YES ? TRI_YES :
											TRI_UNKNOWN;
	/* it was dead at the first look already */
	if (c->earlier && !child->unsettled && pk->group_ran_ns > c->earlier->done_ns)
		return TRI_YES;
	if (died_ns == 0)
		return TRI_UNKNOWN;
	if (pk->group_ran_ns > died_ns + error_ns)
		return TRI_YES;
	return !pk->lost_thread && pk->group_left_ns < died_ns ? TRI_NO : TRI_UNKNOWN;
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
		.parent_slept = slept_since_birth(c, child, parent),
		.threads_slept = threads_slept_since(child, parent_details),
	};

	if (cases_on_top(child_kernel, parent_kernel)) {
		e.ns_sid_known = true;
		e.ns_sid = child->sid;
		e.ns_parent_sid = parent->sid;
	} else if (details_has(child_details, WANT_STATUS) &&
		   details_has(parent_details, WANT_STATUS)) {
		e.ns_sid_known = true;
		e.ns_sid = child_details->status.ns_sid;
		e.ns_parent_sid = parent_details->status.ns_sid;
	}
	leader_evidence(c, child, &e);
	return adoption_judge(&e);
}

size_t cases_telling_thread(const struct parent_case *p)
{
	for (size_t i = 0; i < p->details.n_threads; i++)
		if (p->threads[i].waits == THREAD_WAITS_ANY ||
		    p->threads[i].waits == THREAD_WAITS_PID ||
		    p->threads[i].waits == THREAD_WAITS_SIGCHLD)
			return i;
	for (size_t i = 0; i < p->details.n_threads; i++)
		if (p->details.threads[i].tid == p->details.process.pid)
			return i;
	return 0;
}

double cases_age_s(const struct census *c, const struct process *p)
{
	double now = (double)c->taken_ns / 1e9;
	double age = now - (double)p->start_ticks / (double)sysconf(_SC_CLK_TCK);

	return age > 0 ? age : 0;
}
