/* SPDX-License-Identifier: MIT */
#include "case/asked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "inspect/presence.h"
#include "inspect/text/status.h"

static void fail_absent(struct sight *sight, const struct census *c, pid_t pid)
{
	char path[24];

	/* proc shows the threads of others by their numbers too, but does not list them: proc(5) */
	snprintf(path, sizeof(path), "%d/stat", pid);
	if (presence_is_hidden(c, pid))
		sight_problem(sight, REMARK_HIDDEN, .n = (uint64_t)pid);
	else if (faccessat(c->procfd, path, F_OK, 0) == 0)
		sight_problem(sight, REMARK_IS_THREAD, .n = (uint64_t)pid);
	else
		sight_problem(sight, REMARK_NO_PROCESS, .n = (uint64_t)pid);
}

pid_t asked_process(struct sight *sight, pid_t pid)
{
	struct proc_status status;

	/* proc shows a thread by its number, too: the file is its own, Tgid its process (proc(5)) */
	if (proc_status_read_pid(sight->procfd, pid, &status) < 0 || status.tgid <= 0 ||
	    status.tgid == pid)
		return pid;
	sight_remark(sight, REMARK_THREAD_OF, .n = (uint64_t)pid, .m = (uint64_t)status.tgid);
	return status.tgid;
}

int asked_find(struct sight *sight, const struct census *c, const struct scope *scope, pid_t pid,
	       const struct process **ret)
{
	const struct process *p = census_find(c, pid);

	if (!p)
		p = census_find(c, asked_process(sight, pid));

	if (!p) {
		fail_absent(sight, c, pid);
		return -ESRCH;
	}
	if (scope && !scope_holds(scope, c, p)) {
		sight_problem(sight, REMARK_OUT_OF_SCOPE, .n = (uint64_t)pid);
		return -ESRCH;
	}
	*ret = p;
	return 0;
}
