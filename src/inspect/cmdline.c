/* SPDX-License-Identifier: MIT */
/*
 * Command lines of the processes that are shown, from the files: libproc2 takes a newline for the end
 * of an argument (4.0.2) and writes "-" for none, so what it gives is not what the process was told.
 */
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/parallel.h"
#include "inspect/details.h"

#define MAX_ARGS 4096
#define MIN_PER_THREAD 128

/* proc_pid_cmdline(5): arguments that each end in a NUL; the last NUL may be missing */
static void set_args(struct details *d, char *text, size_t len)
{
	char *args[MAX_ARGS];
	size_t n = 0;

	for (char *s = text; s < text + len && n < MAX_ARGS; s += strlen(s) + 1)
		args[n++] = s;
	d->cmdline = xcalloc(n, sizeof(*d->cmdline));
	for (size_t i = 0; i < n; i++)
		d->cmdline[i] = xstrdup(args[i]);
	d->n_args = n;
	d->has_cmdline = true;
}

struct reading {
	const struct census *c;
	struct details *const *list;
};

static void read_one(void *arg, size_t i)
{
	const struct reading *job = arg;
	struct details *d = job->list[i];
	auto_free char *text = NULL;
	size_t len;

	if (d->has_cmdline)
		return;
	/* the dead and the kernel's own threads have none */
	if (d->process.state == 'Z' || (d->process.flags & PF_KTHREAD))
		d->has_cmdline = true;
	else if (details_read_file(job->c, &d->process, "cmdline", &text, &len) == 0)
		set_args(d, text, len);
}

void details_read_cmdlines(const struct census *c, struct details *const *list, size_t n)
{
	struct reading job = { c, list };

	parallel_for(n, MIN_PER_THREAD, read_one, &job);
}
