/* SPDX-License-Identifier: MIT */
/*
 * Command lines of the processes that are shown, from the files: libproc2 takes a newline for the end
 * of an argument (4.0.2) and writes "-" for none, so what it gives is not what the process was told.
 */
#include "inspect/cmdline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/parallel.h"
#include "inspect/details.h"

#define MIN_PER_THREAD 128

char **cmdline_split(const char *text, size_t len, size_t *ret_n)
{
	const char *end = text + len;
	char **list = NULL;
	size_t n = 0, cap = 0, used;

	for (const char *s = text; s < end && n < MAX_ARGS; s += used + 1) {
		used = strnlen(s, (size_t)(end - s));
		ARRAY_GROW(list, n, cap);
		list[n++] = xstrndup(s, used);
	}
	*ret_n = n;
	return list;
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
	int r = 0;

	if (d->has_cmdline)
		return;
	/* the dead and the kernel's own threads have none */
	if (d->process.state != 'Z' && !(d->process.flags & PF_KTHREAD))
		r = details_read_file(job->c, &d->process, "cmdline", &text, &len);
	d->has_cmdline = r == 0;
	d->cmdline_unread = r < 0 && r != -ESRCH;
	if (text)
		d->cmdline = cmdline_split(text, len, &d->n_args);
}

void details_read_cmdlines(const struct census *c, struct details *const *list, size_t n)
{
	struct reading job = { c, list };

	parallel_for(n, MIN_PER_THREAD, read_one, &job);
}
