/* SPDX-License-Identifier: MIT */
#include "act/pins.h"

#include <errno.h>
#include <sys/resource.h>

#include "act/pin.h"

#define SPARE_FILES 64 /* what a look at every process keeps open at once, and more */

struct pin {
	pid_t pid;
	int fd; /* or a negative errno */
};

static int compare_pins(const void *a, const void *b)
{
	const struct pin *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* How many descriptors may be taken; the lowest free one comes first (open(2)) */
static int allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return INT32_MAX;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* it may only be less */
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > INT32_MAX)
		return INT32_MAX;
	return (int)limit.rlim_cur - SPARE_FILES;
}

void pins_take(const pid_t *pids, size_t n, struct pins *ret)
{
	int most = allow_many_files();

	*ret = (struct pins){ .list = xcalloc(n, sizeof(*ret->list)), .n = n };
	for (size_t i = 0; i < n; i++) {
		int fd = pin_number(pids[i]);

		/* one alone is always worth a try */
		if (fd >= most && i > 0) {
			close(fd);
			fd = -EMFILE;
		}
		ret->list[i] = (struct pin){ pids[i], fd };
	}
	if (n > 0)
		qsort(ret->list, n, sizeof(*ret->list), compare_pins);
}

void pins_done(struct pins *pins)
{
	for (size_t i = 0; i < pins->n; i++)
		if (pins->list[i].fd >= 0)
			close(pins->list[i].fd);
	free(pins->list);
	*pins = (struct pins){ 0 };
}

int pins_find(const struct pins *pins, pid_t pid)
{
	const struct pin wanted = { .pid = pid }, *found = NULL;

	if (pins->n > 0)
		found = bsearch(&wanted, pins->list, pins->n, sizeof(wanted), compare_pins);
	if (!found || found->fd == -ESRCH)
		return -ENOENT;
	return found->fd >= 0 && pin_is_reaped(found->fd) ? -ESRCH : found->fd;
}
