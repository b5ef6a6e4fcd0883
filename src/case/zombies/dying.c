/* SPDX-License-Identifier: MIT */
#include "case/zombies/dying.h"

#include <stdio.h>

#include "census/proc_stat.h"

/*
 * Is this thread in zap_pid_ns_processes()? It sleeps there in the function itself or in the wait for
 * its children that it does first; what is exiting calls wait nowhere else. proc_pid_wchan(5) says "0"
 * of what runs, and of what may not be seen.
 */
static enum tri is_zapping(const struct census *c, const struct process *p, pid_t tid)
{
	static const char *const places[] = { "zap_pid_ns_processes", "do_wait", "kernel_wait4" };
	auto_free char *stat = NULL, *wchan = NULL;
	struct process thread;
	char name[48];
	size_t len;

	snprintf(name, sizeof(name), "task/%d/stat", tid);
	if (details_read_file(c, p, name, &stat, &len) < 0 ||
	    proc_stat_parse(stat, len, &thread) < 0)
		return TRI_UNKNOWN;
	if (!(thread.flags & PF_EXITING) || thread.state == 'Z' || thread.state == 'X')
		return TRI_NO;
	snprintf(name, sizeof(name), "task/%d/wchan", tid);
	if (details_read_file(c, p, name, &wchan, &len) < 0 || streq(wchan, "0") || !*wchan)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (has_prefix(wchan, places[i]))
			return TRI_YES;
	return TRI_NO;
}

/* What the kernel has told of the PID namespace whose init this is */
static enum tri told(const struct census *c, const struct process *init)
{
	const struct process_kernel *kernel = census_kernel(c, init);
	const struct census_pidns *ns = kernel ? census_pidns_find(c, kernel->pidns) : NULL;

	return ns && kernel->is_init ? tri_of(ns->dead) : TRI_UNKNOWN;
}

enum tri dying_is(const struct census *c, const struct process *init)
{
	enum tri dying = told(c, init);
	struct details d;

	if (dying != TRI_UNKNOWN)
		return dying;
	/* the office goes on to another thread as long as one lives, whatever the first has come to */
	if (!(init->flags & PF_EXITING) && init->state != 'Z')
		return TRI_NO;
	if (init->state == 'Z' && init->threads <= 1)
		return TRI_NO;
	if (details_read(c, init, WANT_STATUS | WANT_THREADS, &d) < 0)
		return TRI_UNKNOWN;
	dying = TRI_NO;
	for (size_t i = 0; i < d.n_threads && dying != TRI_YES; i++) {
		enum tri zapping = is_zapping(c, init, d.threads[i].tid);

		if (zapping != TRI_NO)
			dying = zapping;
	}
	details_done(&d);
	return dying;
}

bool dying_was(const struct census *earlier, const struct process *init)
{
	const struct process *before = earlier ? census_find(earlier, init->pid) : init;

	return before && process_is_same(before, init) &&
	       ((before->flags & PF_EXITING) || before->state == 'Z');
}

static void add(struct dying *ret, size_t *cap, uint64_t pidns, pid_t pid, bool certain)
{
	ARRAY_GROW(ret->inits, ret->n, *cap);
	ret->inits[ret->n++] = (struct dying_init){ pidns, pid, certain };
}

void dying_find(const struct census *c, struct dying *ret)
{
	size_t cap = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i];
		enum tri dying;
		struct details d;

		if (p->state == 'X' ||
		    (p->state == 'Z' ? p->threads <= 1 : !(p->flags & PF_EXITING)))
			continue;
		if (details_read(c, p, WANT_STATUS | WANT_PIDNS, &d) < 0)
			continue;
		if (details_ns_pid(&d) == 1 && details_has(&d, WANT_PIDNS)) {
			dying = dying_is(c, p);
			if (dying != TRI_NO)
				add(ret, &cap, d.pidns, p->pid, dying == TRI_YES);
		}
		details_done(&d);
	}
}

void dying_done(struct dying *d)
{
	free(d->inits);
	*d = (struct dying){ 0 };
}

/* Who entered a PID namespace has a parent less deep than itself; the parents of others are in it */
static bool is_member(const struct census *c, const struct process *zombie, const struct details *d,
		      const struct details *parent)
{
	const struct process_kernel *zk = census_kernel(c, zombie);
	const struct process *p = census_find(c, parent->process.pid);
	const struct process_kernel *pk = p ? census_kernel(c, p) : NULL;

	if (zk && pk)
		return pk->level >= zk->level;
	return details_depth(parent) >= 0 && details_depth(d) >= 0 &&
	       details_depth(parent) >= details_depth(d);
}

void dying_judge(const struct dying *dying, const struct census *c, const struct process *zombie,
		 const struct details *d, const struct details *parent, struct zombie_evidence *e)
{
	const struct process_kernel *kernel = census_kernel(c, zombie);
	uint64_t pidns = kernel ? kernel->pidns : details_has(d, WANT_PIDNS) ? d->pidns : 0;

	e->ns_dying = dying->n == 0 || pidns ? TRI_NO : TRI_UNKNOWN;
	for (size_t i = 0; i < dying->n && pidns; i++) {
		/* the dead leader of a dying init is not one that its own namespace waits for */
		if (dying->inits[i].pidns != pidns || dying->inits[i].pid == zombie->pid)
			continue;
		if (parent && dying->inits[i].pid != parent->process.pid &&
		    is_member(c, zombie, d, parent))
			continue;
		e->ns_dying = dying->inits[i].certain ? TRI_YES : TRI_UNKNOWN;
		e->dying_init = dying->inits[i].pid;
	}
}
