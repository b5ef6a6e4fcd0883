/* SPDX-License-Identifier: MIT */
#include "cmd/dying.h"

#include <stdio.h>

void dying_find(const struct census *c, struct dying *ret)
{
	size_t cap = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i];
		struct details d;

		if (p->state == 'X' ||
		    (p->state == 'Z' ? p->threads <= 1 : !(p->flags & PF_EXITING)))
			continue;
		if (details_read(c, p, WANT_STATUS | WANT_PIDNS, &d) < 0)
			continue;
		if (details_ns_pid(&d) == 1 && details_has(&d, WANT_PIDNS)) {
			ARRAY_GROW(ret->inits, ret->n, cap);
			ret->inits[ret->n++] = (struct dying_init){ d.pidns, p->pid };
		}
		details_done(&d);
	}
}

/* proc_pid_wchan(5) of a thread; needs ptrace access */
static bool is_zapping(const struct census *c, const struct process *p, pid_t tid)
{
	char name[48];
	auto_free char *text = NULL;
	size_t len;

	snprintf(name, sizeof(name), "task/%d/wchan", tid);
	return details_read_file(c, p, name, &text, &len) == 0 &&
	       has_prefix(text, "zap_pid_ns_processes");
}

bool dying_is(const struct census *c, const struct process *init)
{
	struct details d;
	bool dying = false;

	if (init->state != 'Z')
		return init->flags & PF_EXITING;
	if (init->threads <= 1 || details_read(c, init, WANT_STATUS | WANT_THREADS, &d) < 0)
		return false;
	for (size_t i = 0; i < d.n_threads && !dying; i++)
		dying = d.threads[i].tid != init->pid && is_zapping(c, init, d.threads[i].tid);
	details_done(&d);
	return dying;
}

void dying_done(struct dying *d)
{
	free(d->inits);
	*d = (struct dying){ 0 };
}

void dying_judge(const struct dying *dying, const struct census *c, const struct process *zombie,
		 const struct details *d, struct zombie_evidence *e)
{
	const struct process_kernel *kernel = census_kernel(c, zombie);
	uint64_t pidns = kernel ? kernel->pidns : details_has(d, WANT_PIDNS) ? d->pidns : 0;

	e->ns_dying = dying->n == 0 || pidns ? TRI_NO : TRI_UNKNOWN;
	for (size_t i = 0; i < dying->n && pidns; i++) {
		/* the dead leader of a dying init is not one that its own namespace waits for */
		if (dying->inits[i].pidns != pidns || dying->inits[i].pid == zombie->pid)
			continue;
		e->ns_dying = TRI_YES;
		e->dying_init = dying->inits[i].pid;
	}
}
