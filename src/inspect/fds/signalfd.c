/* SPDX-License-Identifier: MIT */
#include "inspect/fds/signalfd.h"

#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "inspect/presence.h"

bool signalfd_parse(const char *fdinfo, uint64_t *ret)
{
	const char *line = strstr(fdinfo, "sigmask:");

	if (line)
		*ret = strtoull(line + strlen("sigmask:"), NULL, 16);
	return line != NULL;
}

static bool read_mask(int fdinfo, const char *name, uint64_t *ret)
{
	auto_free char *text = NULL;
	size_t len;

	return file_slurp_at(fdinfo, name, &text, &len) == 0 && signalfd_parse(text, ret);
}

static int compare(const void *a, const void *b)
{
	const struct signalfd *x = a, *y = b;

	return (x->fd > y->fd) - (x->fd < y->fd);
}

int signalfd_list(const struct census *c, const struct process *p, struct signalfd **ret)
{
	auto_close int dir = presence_pin(c, p, NULL);
	auto_dir DIR *fdinfo = NULL;
	const struct dirent *entry;
	size_t n = 0, cap = 0;

	if (dir < 0)
		return dir;
	fdinfo = file_list_at(dir, "fdinfo");
	if (!fdinfo)
		return file_error(errno);
	*ret = NULL;
	while ((entry = readdir(fdinfo))) {
		uint64_t mask;

		if (entry->d_name[0] == '.' || !read_mask(dirfd(fdinfo), entry->d_name, &mask))
			continue;
		ARRAY_GROW(*ret, n, cap);
		(*ret)[n++] = (struct signalfd){ (int)strtol(entry->d_name, NULL, 10), mask };
	}
	if (n > 1)
		qsort(*ret, n, sizeof(**ret), compare);
	return (int)n;
}
