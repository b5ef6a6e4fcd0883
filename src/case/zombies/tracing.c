/* SPDX-License-Identifier: MIT */
#include "case/zombies/tracing.h"

#include <stdio.h>

#include "inspect/trace/tracer.h"

enum tri tracing_by_other(const struct census *c, const struct parent_case *p, pid_t tracer)
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

void tracing_find_threads(const struct census *c, const struct details *d,
			  struct zombie_evidence *e)
{
	const struct thread *last = NULL;
	uint32_t n = 0;

	for (size_t i = 0; i < d->n_threads; i++) {
		if (d->threads[i].tid == d->process.pid)
			continue;
		if (d->threads[i].state != 'Z')
			return;
		last = &d->threads[i];
		n++;
	}
	if (!last)
		return;
	e->held_threads = n;
	e->tracer = tracer_process(c, last->tracer);
}
