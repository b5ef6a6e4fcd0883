/* SPDX-License-Identifier: MIT */
#include "words/forks/series.h"

#include <inttypes.h>

#include "words/label.h"

static char *of_pid_max(const struct measured_limit *m)
{
	if (!m->ns || m->ns->inode == PIDNS_INIT_INODE)
		return xstrdup("machine");
	if (m->details.in_container)
		return container_label(&m->details.container, true);
	return xstrdup(pidns_init_comm(m->ns));
}

char *limit_series_name(const struct measured_limit *m)
{
	switch (m->limit->kind) {
	case LIMIT_PID_MAX:
		return of_pid_max(m);
	case LIMIT_THREADS_MAX:
		return xstrdup("machine");
	case LIMIT_NPROC:
		if (m->user)
			return xasprintf("uid %" PRIu32 "%s", m->user->uid,
					 m->own_userns ? "" : " of a user namespace");
		break;
	case LIMIT_CGROUP:
		break;
	}
	return xstrdup(m->limit->name);
}
