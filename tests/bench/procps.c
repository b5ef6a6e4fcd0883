/* SPDX-License-Identifier: MIT */
/* usage: procps: what ps reads of each process, by the library that it reads with, and nothing printed but how many */
#include <err.h>
#include <libproc2/pids.h>
#include <stdio.h>

int main(void)
{
	enum pids_item items[] = { PIDS_ID_PID, PIDS_ID_PPID, PIDS_STATE, PIDS_CMD };
	struct pids_info *info = NULL;
	size_t n = 0;

	if (procps_pids_new(&info, items, 4) < 0)
		errx(1, "procps_pids_new");
	while (procps_pids_get(info, PIDS_FETCH_TASKS_ONLY))
		n++;
	procps_pids_unref(&info);
	printf("%zu\n", n);
	return 0;
}
