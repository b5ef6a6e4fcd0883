/* SPDX-License-Identifier: MIT */
#include "act/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/base.h"

int replace_begin(const char *path, struct replacement *ret)
{
	char *aside = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(aside, O_CLOEXEC), r;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out) {
		r = -errno;
		if (fd >= 0) {
			close(fd);
			(void)unlink(aside); /* the error is told already */
		}
		free(aside);
		return r;
	}
	*ret = (struct replacement){ path, aside, out };
	return 0;
}

int replace_end(struct replacement *r, mode_t mode)
{
	int error = 0;

	errno = 0;
	if (fflush(r->out) != 0 || ferror(r->out) || fchmod(fileno(r->out), mode) < 0)
		error = errno ? -errno : -EIO;
	if (fclose(r->out) != 0 && error == 0)
		error = -errno;
	if (error == 0 && rename(r->aside, r->path) < 0)
		error = -errno;
	if (error < 0)
		(void)unlink(r->aside); /* the error is told already */
	free(r->aside);
	*r = (struct replacement){ 0 };
	return error;
}
