/* SPDX-License-Identifier: MIT */
#include "limits/cgroup_mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/file.h"
#include "limits/mountinfo.h"

#define CGROUPNS_INIT_INODE 4026531835u /* PROC_CGROUP_INIT_INO */
#define MAX_SEARCHED 65536

/* -- paths -- */

bool cgroup_path_covers(const char *ancestor, const char *path)
{
	size_t len = strlen(ancestor);

	if (streq(ancestor, "/"))
		return true;
	return strncmp(ancestor, path, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* The end before a slash before all other bytes */
static int rank(char byte)
{
	return byte == '\0' ? 0 : byte == '/' ? 1 : (unsigned char)byte + 2;
}

int cgroup_path_compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return rank(*a) - rank(*b);
}

static bool is_step_up(const char *s)
{
	return has_prefix(s, "/..") && (s[3] == '/' || s[3] == '\0');
}

static bool climbs(const char *path)
{
	for (const char *s = strstr(path, "/.."); s; s = strstr(s + 1, "/.."))
		if (is_step_up(s))
			return true;
	return false;
}

/* How many steps up a path begins with, and the names after them, "" for none */
static size_t steps_up(const char *path, const char **ret_names)
{
	size_t n = 0;

	for (; is_step_up(path); path += 3)
		n++;
	*ret_names = n == 0 && streq(path, "/") ? "" : path;
	return n;
}

/* The length of so many names at the beginning of a path; 0: it has not that many */
static size_t names_len(const char *path, size_t n)
{
	const char *s = path;

	for (; n > 0; n--) {
		if (s[0] != '/' || s[1] == '/' || s[1] == '\0' || is_step_up(s))
			return 0;
		s += 1 + strcspn(s + 1, "/");
	}
	return (size_t)(s - path);
}

char *cgroup_path_below(const char *root, const char *top, const char *path)
{
	const char *shown, *names;
	size_t above = steps_up(root, &shown), up = steps_up(path, &names), len;

	/* nothing leads out of the mount; and no kernel writes "/../" for a top */
	if (path[0] != '/' || up > above || climbs(shown) || climbs(names) || streq(shown, "/"))
		return NULL;
	if (up == above) {
		if (!cgroup_path_covers(shown, names))
			return NULL;
		names += strlen(shown);
		return xstrdup(*names ? names : "/");
	}
	/* it is reached through the namespace's own top or one above that: "/../x" shows nothing of it */
	len = *shown || !top ? 0 : names_len(top, above - up);
	return len ? xasprintf("%.*s%s", (int)len, top, names) : NULL;
}

/* -- where this process's cgroup namespace begins -- */

/* Is this process in the cgroup at path? */
static bool holds_us(int fd, const char *path)
{
	auto_free char *file = xasprintf(".%s/cgroup.procs", path), *text = NULL, *own = NULL;
	size_t len;

	if (file_slurp_at(fd, file, &text, &len) < 0)
		return false;
	own = xasprintf("%d\n", getpid());
	for (const char *s = text; (s = strstr(s, own)); s++)
		if (s == text || s[-1] == '\n')
			return true;
	return false;
}

/* Directories still to be looked into, a stack. */
struct search {
	int fd; /* borrowed: the top of the mount */
	struct {
		char *path; /* owned */
		size_t steps;
	} * todo; /* owned */
	size_t n, cap;
	size_t visited;
};

static void search_add(struct search *s, char *path, size_t steps)
{
	ARRAY_GROW(s->todo, s->n, s->cap);
	s->todo[s->n].path = path;
	s->todo[s->n++].steps = steps;
}

static void search_into(struct search *s, const char *path, size_t steps)
{
	auto_free char *at = xasprintf(".%s", path);
	int fd = openat(s->fd, at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		(void)file_error(errno); /* for file_shortage() */
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) && s->visited++ < MAX_SEARCHED)
		if (entry->d_name[0] != '.' && entry->d_type == DT_DIR)
			search_add(s, xasprintf("%s/%s", path, entry->d_name), steps);
}

/* The directory so many steps below the top from which names lead to the cgroup that this process is in */
static char *search_top(struct search *s, size_t steps, const char *names)
{
	char *found = NULL;

	search_add(s, xstrdup(""), steps);
	while (s->n > 0 && !found) {
		char *path = s->todo[--s->n].path;
		size_t left = s->todo[s->n].steps;
		auto_free char *own = xasprintf("%s%s", path, names);

		if (left > 0)
			search_into(s, path, left - 1);
		else if (holds_us(s->fd, own))
			found = xstrdup(path);
		free(path);
	}
	while (s->n > 0)
		free(s->todo[--s->n].path);
	free(s->todo);
	return found;
}

/*
 * /proc tells where this process is from its namespace's top, and each cgroup who is in it; so the top is
 * where the two meet. Not to be told of one that is outside of its own namespace.
 */
static char *find_top(int fd, const char *root, enum cgroup_hierarchy hierarchy)
{
	auto_free char *text = NULL, *path = NULL;
	struct search s = { .fd = fd };
	const char *shown, *names;
	size_t len, steps = steps_up(root, &shown);

	if (steps == 0 || *shown || file_slurp_at(AT_FDCWD, "/proc/self/cgroup", &text, &len) < 0)
		return NULL;
	path = cgroup_path_of(text, len, hierarchy);
	if (!path || path[0] != '/' || steps_up(path, &names) > 0)
		return NULL;
	return search_top(&s, steps, names);
}

/* -- the mount -- */

/* Of the root of a hierarchy the initial cgroup namespace calls "/" what is mounted: most often so */
static char *root_of(int fd)
{
	bool v2_root = faccessat(fd, "cgroup.controllers", F_OK, 0) == 0 &&
		       faccessat(fd, "cgroup.events", F_OK, 0) < 0;
	struct stat st;
	char *root;

	if ((v2_root || faccessat(fd, "release_agent", F_OK, 0) == 0) &&
	    stat("/proc/self/ns/cgroup", &st) == 0 && st.st_ino == CGROUPNS_INIT_INODE)
		return xstrdup("/");
	root = mount_root_of(fd);
	return root ? root : xstrdup("/");
}

int cgroup_mount_open(int cgroupfs, const char *dir, enum cgroup_hierarchy hierarchy,
		      struct cgroup_mount *ret)
{
	int fd = openat(cgroupfs, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return file_error(errno);
	ret->fd = fd;
	ret->root = root_of(fd);
	ret->top = find_top(fd, ret->root, hierarchy);
	return 0;
}

void cgroup_mount_close(struct cgroup_mount *m)
{
	if (m->fd >= 0)
		close(m->fd);
	free(m->root);
	free(m->top);
	*m = (struct cgroup_mount){ .fd = -1 };
}
