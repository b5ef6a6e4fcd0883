/* SPDX-License-Identifier: MIT */
#include "limits/thread_uids.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/file.h"
#include "inspect/text/status.h"

int thread_uids_read(int procfd, const struct process *p, uint32_t uid, uint32_t **ret,
		     size_t *ret_n)
{
	auto_free char *path = xasprintf("%d/task", p->pid);
	auto_dir DIR *dir = file_list_at(procfd, path);
	const struct dirent *entry;
	size_t cap = *ret_n;

	if (!dir) {
		int r = file_error(errno);

		return r == -ESRCH ? 0 : r;
	}
	/* no more than are counted: others were born meanwhile */
	while ((entry = readdir(dir)) && *ret_n < p->threads) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);
		struct proc_status status;

		if (tid <= 0 || tid == p->pid || proc_status_read_pid(procfd, tid, &status) < 0 ||
		    status.uid == uid)
			continue;
		ARRAY_GROW(*ret, *ret_n, cap);
		(*ret)[(*ret_n)++] = status.uid;
	}
	return 0;
}
