/* SPDX-License-Identifier: MIT */
#include "inspect/trace/tracers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/file.h"

/* user_namespaces(7): no deeper nesting than this */
#define MAX_USER_NS_LEVEL 33

/* The text behind key at the beginning of a line; NULL: there is none */
static const char *line_of(const char *text, size_t len, const char *key)
{
	const char *found = memmem(text, len, key, strlen(key));

	return found ? found + strlen(key) : NULL;
}

enum tri tracer_by_status(const char *text, size_t len)
{
	const char *permitted = line_of(text, len, "\nCapPrm:\t");
	const char *bounding = line_of(text, len, "\nCapBnd:\t");
	const char *users = line_of(text, len, "\nUid:\t");
	unsigned long real, effective, saved;

	if (!permitted || !bounding || !users ||
	    sscanf(users, "%lu %lu %lu", &real, &effective, &saved) != 3)
		return TRI_UNKNOWN;
	if (strtoull(permitted, NULL, 16) >> CAP_SYS_PTRACE & 1)
		return TRI_YES;
	if (real != 0 && effective != 0 && saved != 0)
		return TRI_NO;
	return tri_of(strtoull(bounding, NULL, 16) >> CAP_SYS_PTRACE & 1);
}

static enum tri task_holds(int dir, const char *path)
{
	auto_free char *text = NULL;
	size_t len;
	int r = file_slurp_at(dir, path, &text, &len);

	if (r < 0)
		return r == -ESRCH ? TRI_NO : TRI_UNKNOWN;
	return tracer_by_status(text, len);
}

/* The worst of its threads */
static enum tri holds(int procfd, const struct process *p)
{
	auto_free char *path = xasprintf("%d/task", p->pid);
	auto_dir DIR *dir = file_list_at(procfd, path);
	const struct dirent *entry;
	enum tri worst = TRI_NO;

	if (!dir)
		return file_error(errno) == -ESRCH ? TRI_NO : TRI_UNKNOWN;
	while (worst != TRI_YES && (entry = readdir(dir))) {
		auto_free char *status = NULL;
		enum tri one;

		if (entry->d_name[0] == '.')
			continue;
		status = xasprintf("%s/status", entry->d_name);
		one = task_holds(dirfd(dir), status);
		if (one != TRI_NO)
			worst = one;
	}
	return worst;
}

/* Whether a user namespace lies inside this process's own, so that rights in it mean nothing out here */
static bool is_inside_own(int fd)
{
	struct stat own, st;

	if (stat("/proc/self/ns/user", &own) < 0 || fstat(fd, &st) < 0 || st.st_ino == own.st_ino)
		return false;
	for (int level = 0; level < MAX_USER_NS_LEVEL; level++) {
		auto_close int parent = ioctl(fd, NS_GET_PARENT);

		if (parent < 0 || fstat(parent, &st) < 0)
			return false; /* EPERM: one around its own */
		if (st.st_ino == own.st_ino)
			return true;
		if (dup3(parent, fd, O_CLOEXEC) < 0)
			return false;
	}
	return false;
}

enum tri tracer_is(int procfd, const struct process *p)
{
	auto_free char *path = xasprintf("%d/ns/user", p->pid);
	auto_close int fd = -1;
	enum tri held;

	if (process_is_zombie(p) && p->threads <= 1)
		return TRI_NO;
	held = holds(procfd, p);
	if (held == TRI_NO)
		return TRI_NO;
	fd = openat(procfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 && is_inside_own(fd) ? TRI_NO : held;
}
