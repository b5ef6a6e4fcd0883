/* SPDX-License-Identifier: MIT */
/* Command lines of the processes that are shown. */
#include <libproc2/pids.h>
#include <stdio.h>

#include "base/file.h"
#include "inspect/details.h"

#define BATCH 200 /* procps_pids(3) takes at most 255 PIDs in one selection */

static void set_args(struct details *d, char **args, size_t n)
{
	d->cmdline = xcalloc(n, sizeof(*d->cmdline));
	for (size_t i = 0; i < n; i++)
		d->cmdline[i] = xstrdup(args[i]);
	d->n_args = n;
	d->has_cmdline = true;
}

static struct details *of_identity(struct details *const *list, size_t n, pid_t pid,
				   unsigned long long start_ticks)
{
	for (size_t i = 0; i < n; i++)
		if (list[i]->process.pid == pid && list[i]->process.start_ticks == start_ticks)
			return list[i];
	return NULL;
}

static void read_batch(struct pids_info *info, struct details *const *list, size_t n)
{
	enum { PID, BEGAN, CMDLINE };
	unsigned pids[BATCH];
	struct pids_fetch *fetch;

	for (size_t i = 0; i < n; i++)
		pids[i] = (unsigned)list[i]->process.pid;
	fetch = procps_pids_select(info, pids, (int)n, PIDS_SELECT_PID);
	if (!fetch)
		return;
	for (int i = 0; i < fetch->counts->total; i++) {
		struct pids_stack *s = fetch->stacks[i];
		char **args = PIDS_VAL(CMDLINE, strv, s, info);
		struct details *d = of_identity(list, n, PIDS_VAL(PID, s_int, s, info),
						PIDS_VAL(BEGAN, ull_int, s, info));
		size_t n_args = 0;

		if (!d || !args)
			continue;
		while (args[n_args])
			n_args++;
		/* libproc2 says "-" for none, and cannot tell it from a "-" of the process's own */
		if (n_args == 1 && streq(args[0], "-"))
			continue;
		set_args(d, args, n_args);
	}
}

/* proc_pid_cmdline(5): arguments that each end in a NUL; the last NUL may be missing */
static void read_file(const struct census *c, struct details *d)
{
	char *args[4096], path[32];
	auto_free char *text = NULL;
	size_t len, n = 0;

	snprintf(path, sizeof(path), "%d/cmdline", d->process.pid);
	if (file_slurp_at(c->procfd, path, &text, &len) < 0)
		return;
	for (char *s = text; s < text + len && n < ARRAY_SIZE(args); s += strlen(s) + 1)
		args[n++] = s;
	set_args(d, args, n);
}

void details_read_cmdlines(const struct census *c, struct details *const *list, size_t n,
			   bool own_proc)
{
	enum pids_item items[] = { PIDS_ID_PID, PIDS_TICS_BEGAN, PIDS_CMDLINE_V };
	auto_free struct details **live = xcalloc(n, sizeof(struct details *));
	struct pids_info *info = NULL;
	size_t n_live = 0;

	for (size_t i = 0; i < n; i++) {
		list[i]->has_cmdline = process_is_zombie(&list[i]->process) ||
				       (list[i]->process.flags & PF_KTHREAD);
		if (!list[i]->has_cmdline)
			live[n_live++] = list[i];
	}
	if (own_proc && n_live && procps_pids_new(&info, items, ARRAY_SIZE(items)) == 0) {
		for (size_t i = 0; i < n_live; i += BATCH)
			read_batch(info, live + i, n_live - i < BATCH ? n_live - i : BATCH);
		procps_pids_unref(&info);
	}
	for (size_t i = 0; i < n_live; i++)
		if (!live[i]->has_cmdline)
			read_file(c, live[i]);
}
