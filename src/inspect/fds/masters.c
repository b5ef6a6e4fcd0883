/* SPDX-License-Identifier: MIT */
#include "inspect/fds/masters.h"

#include <errno.h>
#include <linux/major.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "base/file.h"

/* /dev/ptmx, or /dev/pts/ptmx of one instance of devpts; what lies before that depends on the mounts */
static bool is_master(int dir, const char *name)
{
	char text[128];
	const char *end;
	ssize_t n = readlinkat(dir, name, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	end = strrchr(text, '/');
	return end && streq(end, "/ptmx");
}

static bool read_number(const struct census *c, pid_t pid, const char *fd, unsigned *ret)
{
	char path[64], text[512];
	const char *line;

	snprintf(path, sizeof(path), "%d/fdinfo/%.16s", pid, fd);
	if (file_read_at(c->procfd, path, text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "tty-index:");
	return line && sscanf(line, "tty-index: %u", ret) == 1;
}

int masters_of(const struct census *c, const struct process *p, unsigned **ret, size_t *ret_n_fds)
{
	auto_dir DIR *dir = NULL;
	const struct dirent *entry;
	size_t n = 0, cap = 0;
	char path[24];

	snprintf(path, sizeof(path), "%d/fd", p->pid);
	dir = file_list_at(c->procfd, path);
	if (!dir)
		return file_error(errno);
	*ret = NULL;
	while ((entry = readdir(dir))) {
		unsigned number;

		if (entry->d_name[0] == '.')
			continue;
		if (ret_n_fds)
			++*ret_n_fds;
		if (!is_master(dirfd(dir), entry->d_name) ||
		    !read_number(c, p->pid, entry->d_name, &number))
			continue;
		ARRAY_GROW(*ret, n, cap);
		(*ret)[n++] = number;
	}
	return (int)n;
}

static bool sees_our_mounts(const struct census *c, const struct process *p)
{
	struct stat own, its;
	char path[32];

	snprintf(path, sizeof(path), "%d/ns/mnt", p->pid);
	return stat("/proc/self/ns/mnt", &own) == 0 && fstatat(c->procfd, path, &its, 0) == 0 &&
	       own.st_dev == its.st_dev && own.st_ino == its.st_ino;
}

bool master_of(const struct census *c, const struct process *p, int fd, const struct stat *st,
	       dev_t *ret_terminal, dev_t *ret_devpts)
{
	struct stat node, pts;
	char name[16];
	unsigned number;

	snprintf(name, sizeof(name), "%d", fd);
	if (!S_ISCHR(st->st_mode) || st->st_rdev != makedev(TTYAUX_MAJOR, 2) ||
	    !read_number(c, p->pid, name, &number))
		return false;
	*ret_terminal = makedev(UNIX98_PTY_SLAVE_MAJOR, number);
	*ret_devpts = st->st_dev;
	if (stat("/dev/ptmx", &node) || node.st_dev != st->st_dev || node.st_ino != st->st_ino)
		return true;
	/* a node in devpts itself, by a link or a mount of its own, is where it is */
	if (stat("/dev/pts", &pts) || !sees_our_mounts(c, p))
		return false;
	*ret_devpts = pts.st_dev;
	return true;
}
