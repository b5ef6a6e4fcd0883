/* SPDX-License-Identifier: MIT */
#include "inspect/trace/tracer.h"

#include "inspect/details.h"
#include "inspect/text/status.h"

pid_t tracer_process(const struct census *c, pid_t tid)
{
	struct proc_status status;

	if (tid <= 0 || census_find(c, tid))
		return tid > 0 ? tid : 0;
	return proc_status_read_pid(c->procfd, tid, &status) < 0 ? tid : status.tgid;
}

pid_t tracer_of(const struct census *c, const struct process *p)
{
	const struct process_kernel *kernel = census_kernel(c, p);
	struct details d;
	pid_t tid;

	if (kernel)
		return kernel->tracer;
	if (details_read(c, p, WANT_STATUS, &d) < 0)
		return 0;
	tid = details_has(&d, WANT_STATUS) ? d.status.tracer : 0;
	details_done(&d);
	return tracer_process(c, tid);
}
