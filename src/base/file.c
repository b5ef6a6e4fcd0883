/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "base/base.h"

/* In a tree that is no proc (--procfs) anything may stand there: a FIFO must not hang us */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define SLURP_MAX (64U << 20) /* nor a link to /dev/zero fill the memory */
#define SHORT 4096	      /* most files below /proc fit in it */

/* Of the process as a whole, as its descriptors are: most callers take any failure for an absence */
static atomic_int shortage;

int file_error(int err)
{
	int none = 0;

	switch (err) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		atomic_compare_exchange_strong(&shortage, &none, -err);
		return -err;
	case ENOENT:
	case ESRCH:
		return -ESRCH;
	case EACCES:
	case EPERM:
		return -EACCES;
	default:
		return -err;
	}
}

int file_shortage(void)
{
	return atomic_exchange(&shortage, 0);
}

static ssize_t read_fully(int fd, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, buf + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_error(errno);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/*
 * The system calls bare: where there are threads, each of glibc's own opens a point of cancellation and
 * closes it again, though none is ever cancelled here; for tens of thousands of files that shows.
 */
ssize_t file_read_at(int dirfd, const char *path, char *buf, size_t size)
{
	int fd = (int)syscall(SYS_openat, dirfd, path, OPEN_FLAGS);
	ssize_t n;

	if (fd < 0)
		return file_error(errno);
	/* one read(2) is the whole of a short /proc file; asking again only proves its end */
	do
		n = syscall(SYS_read, fd, buf, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		n = file_error(errno);
	} else if ((size_t)n > 2048 && (size_t)n < size - 1) {
		ssize_t more = read_fully(fd, buf + n, size - 1 - (size_t)n);

		n = more < 0 ? more : n + more;
	}
	syscall(SYS_close, fd);
	if (n < 0)
		return n;
	buf[n] = '\0';
	return (size_t)n < size - 1 ? n : -EFBIG;
}

int file_open_at(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, OPEN_FLAGS);

	return fd < 0 ? file_error(errno) : fd;
}

int file_slurp_at(int dirfd, const char *path, char **ret_buf, size_t *ret_len)
{
	auto_close int fd = file_open_at(dirfd, path);
	auto_free char *buf = NULL;
	char first[SHORT], *text;
	size_t len, cap = sizeof(first);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read_fully(fd, first, sizeof(first));
	if (n < 0)
		return (int)n;
	len = (size_t)n;
	if (len == cap) {
		buf = xreallocarray(NULL, cap, 1);
		memcpy(buf, first, len);
	}
	while (len == cap) {
		if (cap >= SLURP_MAX)
			return -EFBIG;
		cap *= 2;
		buf = xreallocarray(buf, cap, 1);
		n = read_fully(fd, buf + len, cap - len);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
	}
	/* many of these may be kept at once: give back what the text does not need */
	text = xreallocarray(buf, len + 1, 1);
	if (!buf)
		memcpy(text, first, len);
	text[len] = '\0';
	buf = NULL;
	*ret_buf = text;
	*ret_len = len;
	return 0;
}

DIR *file_list_at(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int error = errno;

	if (fd >= 0 && !dir)
		close(fd);
	errno = error;
	return dir;
}

int file_read_u64_at(int dirfd, const char *path, uint64_t *ret)
{
	char buf[64] = "", *end;
	unsigned long long value;
	ssize_t n = file_read_at(dirfd, path, buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	if (n > 0 && buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	if (streq(buf, "max")) {
		*ret = UINT64_MAX;
		return 0;
	}
	if (buf[0] < '0' || buf[0] > '9')
		return -EBADMSG;
	errno = 0;
	value = strtoull(buf, &end, 10);
	if (errno || *end)
		return -EBADMSG;
	*ret = value;
	return 0;
}
