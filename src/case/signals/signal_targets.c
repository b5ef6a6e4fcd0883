/* SPDX-License-Identifier: MIT */
#include "case/signals/signal_targets.h"

#include <errno.h>
#include <stdio.h>

#include "inspect/threads/ending.h"
#include "inspect/pidns.h"
#include "inspect/presence.h"
#include "limits/freezer.h"

static void read_threads(struct signal_view *v)
{
	const struct details *d = &v->details;
	struct signal_thread *list = xcalloc(d->n_threads, sizeof(*list));

	for (size_t i = 0; i < d->n_threads; i++) {
		const struct thread *t = &d->threads[i];

		list[i] = (struct signal_thread){
			.tid = t->tid,
			.dead = t->state == 'Z' || t->state == 'X',
			.held = t->state == 'T' || t->state == 't',
			.traced = t->tracer != 0,
			/* one that runs is in no system call; a stopped one comes back to its own */
			.doing_known = t->blocked_in.known,
			.in_sigwait = t->blocked_in.wait == WAIT_FOR_SIGNALS,
			.asleep_deep = t->state == 'D',
			.in_vfork = t->in_vfork,
			.blocked = t->masks.blocked,
			.pending = t->masks.pending,
			.awaited = t->awaited,
		};
	}
	v->threads = list;
	v->target.threads = list;
	v->target.n_threads = d->n_threads;
}

static void read_signalfds(const struct census *c, const struct process *p, struct signal_view *v)
{
	int n = signalfd_list(c, p, &v->signalfds);

	v->signalfds_known = v->target.signalfds_known = n >= 0;
	if (n == -EACCES)
		v->details.denied |= WANT_SIGNALFD;
	v->n_signalfds = n > 0 ? (size_t)n : 0;
	for (size_t i = 0; i < v->n_signalfds; i++)
		v->target.signalfds |= v->signalfds[i].mask;
}

/* A dead main thread has left its cgroup on v1; those that live on have not */
static void read_cgroup_of_living(const struct census *c, const struct process *p,
				  struct details *d)
{
	auto_free char *text = NULL;
	char name[48];
	size_t len;

	for (size_t i = 0; i < d->n_threads && d->process.state == 'Z'; i++) {
		if (d->threads[i].state == 'Z' || d->threads[i].state == 'X')
			continue;
		snprintf(name, sizeof(name), "task/%d/cgroup", d->threads[i].tid);
		if (details_read_file(c, p, name, &text, &len) < 0)
			return;
		free(d->cgroups);
		d->cgroups = text;
		text = NULL;
		d->cgroups_len = len;
		return;
	}
}

static void read_frozen(const struct sight *sight, const struct census *c, const struct details *d,
			struct signal_target *t)
{
	struct freezer freezer;

	if (!details_has(d, WANT_CGROUP))
		return;
	freezer_open(sight->cgroupfd, &freezer);
	t->frozen = cgroup_frozen(&freezer, d->cgroups, d->cgroups_len, &t->frozen_by_v1);
	if (t->frozen == TRI_YES)
		t->frozen_all = freezer_holds_all(&freezer, c, d);
	freezer_close(&freezer);
}

/* Of one whose files said nothing */
static int gone_or_unread(const struct census *c, const struct process *p)
{
	auto_close int fd = presence_pin(c, p, NULL);

	return fd == -ESRCH ? -ESRCH : -ENODATA;
}

int signal_view_read(struct sight *sight, const struct census *c, const struct process *p,
		     struct signal_view *ret)
{
	unsigned want = WANT_STATUS | WANT_PIDNS | WANT_CGROUP | WANT_THREADS | WANT_DOING |
			WANT_FRESH;
	struct signal_target *t = &ret->target;
	const struct details *d = &ret->details;
	int r;

	*ret = (struct signal_view){ 0 };
	r = details_read(c, p, want, &ret->details);
	if (r < 0)
		return r == -EACCES ? -ENOENT : r;
	if (!details_has(d, WANT_STATUS) || d->n_threads == 0) {
		r = d->denied & (WANT_STATUS | WANT_THREADS) ? -EACCES : gone_or_unread(c, p);
		details_done(&ret->details);
		return r;
	}
	t->pid = p->pid;
	t->state = details_state(d);
	t->kernel_thread = d->process.flags & PF_KTHREAD;
	t->core_dumping = d->status.core_dumping;
	t->ending = ending_of(c, p, d);
	t->dying = (d->process.flags & PF_EXITING) && d->process.state != 'Z';
	t->init = details_ns_pid(d) ? tri_of(details_ns_pid(d) == 1) : TRI_UNKNOWN;
	t->outermost = pidns_is_outermost(c, d);
	t->traced = d->status.tracer != 0;
	t->ignored = d->status.masks.ignored;
	t->caught = d->status.masks.caught;
	t->shared_pending = d->status.masks.shared_pending;
	read_cgroup_of_living(c, p, &ret->details);
	read_frozen(sight, c, d, t);
	read_threads(ret);
	if (!t->kernel_thread && d->process.state != 'Z')
		read_signalfds(c, p, ret);
	return 0;
}

void signal_view_done(struct signal_view *v)
{
	free(v->threads);
	free(v->signalfds);
	details_done(&v->details);
	*v = (struct signal_view){ 0 };
}
