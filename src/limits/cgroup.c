/* SPDX-License-Identifier: MIT */
#include "limits/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/base.h"
#include "base/file.h"
#include "limits/cgroup_mount.h"

#define MAX_CGROUPS 65536

/* -- where the hierarchy is -- */

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = text; (s = strstr(s, word)); s += len) {
		bool starts = s == text || s[-1] == ' ';
		bool ends = s[len] == '\0' || s[len] == ' ' || s[len] == '\n';

		if (starts && ends)
			return true;
	}
	return false;
}

/*
 * Only the root of a hierarchy lacks cgroup.events (v2) or has a release_agent (v1); a cgroup
 * namespace's root is no root to these files.
 */
static bool is_root(int fd, bool v2)
{
	if (v2)
		return faccessat(fd, "cgroup.events", F_OK, 0) < 0;
	return faccessat(fd, "release_agent", F_OK, 0) == 0;
}

static bool looks_right(int fd, bool v2)
{
	char text[256];

	/* a cgroup of v2 may be called "pids", too */
	if (!v2)
		return faccessat(fd, "cgroup.procs", F_OK, 0) == 0 &&
		       faccessat(fd, "cgroup.controllers", F_OK, 0) < 0;
	return file_read_at(fd, "cgroup.controllers", text, sizeof(text)) > 0 &&
	       has_word(text, "pids");
}

int cgroup_tree_open(int cgroupfs, struct cgroup_tree *ret)
{
	static const struct {
		const char *path;
		bool v2;
	} places[] = { { "pids", false }, { ".", true }, { "unified", true } };
	int r = -ENODATA;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		auto_close int fd =
			openat(cgroupfs, places[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0) {
			if (file_error(errno) == -EACCES)
				r = -EACCES;
			continue;
		}
		if (!looks_right(fd, places[i].v2))
			continue;
		ret->v2 = places[i].v2;
		ret->whole = is_root(fd, ret->v2);
		return cgroup_mount_open(cgroupfs, places[i].path,
					 ret->v2 ? CGROUP_V2 : CGROUP_V1_PIDS, &ret->mount);
	}
	return r;
}

void cgroup_tree_close(struct cgroup_tree *t)
{
	cgroup_mount_close(&t->mount);
}

/* -- paths -- */

char *cgroup_tree_path(const struct cgroup_tree *t, const char *cgroups, size_t len)
{
	auto_free char *path = cgroup_path_of(cgroups, len, t->v2 ? CGROUP_V2 : CGROUP_V1_PIDS);

	return path ? cgroup_path_below(t->mount.root, t->mount.top, path) : NULL;
}

/* -- reading one cgroup -- */

/* The first line is "max N" (Linux kernel/cgroup/pids.c:pids_events_show()) */
static bool parse_refused(const char *text, uint64_t *ret)
{
	unsigned long long n;
	char *end;

	if (!has_prefix(text, "max ") || text[4] < '0' || text[4] > '9')
		return false;
	errno = 0;
	n = strtoull(text + 4, &end, 10);
	if (errno || (*end && *end != '\n'))
		return false;
	*ret = n;
	return true;
}

static void read_refused(int dir, struct cgroup_level *level)
{
	static const char *const files[] = { "pids.events.local", "pids.events" };
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(files) && !level->has_refused; i++) {
		level->has_refused = file_read_at(dir, files[i], text, sizeof(text)) >= 0 &&
				     parse_refused(text, &level->refused);
		/* without the first, on v1 and before 6.11, it is that of the task that forked */
		level->counts_own = level->has_refused && i == 0;
	}
}

/* -ENODATA: the controller has no limit to give here; -ESRCH: the cgroup was removed since it was opened */
static int read_level(int dir, struct cgroup_level *ret)
{
	struct cgroup_level level = { 0 };
	struct stat st;
	int r = file_read_u64_at(dir, "pids.max", &level.max);

	if (r == 0)
		r = file_read_u64_at(dir, "pids.current", &level.current);
	if (r == -ESRCH || r == -ENODEV)
		return faccessat(dir, "cgroup.procs", F_OK, 0) == 0 ? -ENODATA :
		       errno == EACCES				    ? -EACCES :
								      -ESRCH;
	if (r < 0)
		return r;
	read_refused(dir, &level);
	if (fstat(dir, &st) == 0)
		level.id = st.st_ino;
	*ret = level;
	return 0;
}

static void add(struct cgroup_levels *l, struct cgroup_level level, const char *path)
{
	level.path = xstrdup(path);
	ARRAY_GROW(l->v, l->n, l->cap);
	l->v[l->n++] = level;
}

static int open_cgroup(const struct cgroup_tree *t, const char *path)
{
	auto_free char *below = xasprintf(".%s", path);
	int fd = openat(t->mount.fd, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? file_error(errno) : fd;
}

/* "/a/b" becomes "/a", "/a" becomes "/"; false at the top */
static bool step_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || path[1] == '\0')
		return false;
	slash[slash == path] = '\0';
	return true;
}

int cgroup_levels_read(const struct cgroup_tree *t, const char *path, struct cgroup_levels *ret)
{
	auto_free char *at = xstrdup(path ? path : "/");
	struct cgroup_levels levels = { .hidden = !t->whole };

	if (!path) {
		/* the top may not even be an ancestor of it */
		levels.hidden = levels.missing = true;
		*ret = levels;
		return 0;
	}
	do {
		struct cgroup_level level = { 0 };
		auto_close int dir = open_cgroup(t, at);
		int r = dir < 0 ? dir : read_level(dir, &level);

		if (r == 0)
			add(&levels, level, at);
		else if (r == -ESRCH)
			levels.missing = true;
		else if (r == -EACCES)
			levels.hidden = true;
		else if (r != -ENODATA) {
			cgroup_levels_done(&levels);
			return r;
		}
	} while (step_up(at));
	*ret = levels;
	return 0;
}

/* -- all of them -- */

struct walk {
	const struct cgroup_tree *tree;
	struct cgroup_levels *levels;
	char **todo; /* owned: paths of directories to visit, a stack */
	size_t n, cap;
	size_t visited;
};

/* Else it was removed meanwhile, has no limit to give, or is a plain file where the type was not told */
static bool is_unread(int r)
{
	return r < 0 && r != -ESRCH && r != -ENODEV && r != -ENODATA && r != -ENOTDIR;
}

static void push_children(struct walk *w, int dirfd, const char *path)
{
	auto_dir DIR *dir = file_list_at(dirfd, ".");
	const struct dirent *entry;

	if (!dir) {
		w->levels->unread |= is_unread(file_error(errno));
		return;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		if (w->visited + w->n >= MAX_CGROUPS) {
			w->levels->cut = true;
			return;
		}
		ARRAY_GROW(w->todo, w->n, w->cap);
		w->todo[w->n++] = xasprintf("%s/%s", streq(path, "/") ? "" : path, entry->d_name);
	}
}

static void visit(struct walk *w, const char *path, bool limited_only)
{
	auto_close int dir = open_cgroup(w->tree, path);
	struct cgroup_level level;
	int r;

	if (dir < 0) {
		w->levels->unread |= is_unread(dir);
		return;
	}
	w->visited++;
	r = read_level(dir, &level);
	if (r == 0 && (!limited_only || level.max != CGROUP_UNLIMITED))
		add(w->levels, level, path);
	w->levels->unread |= is_unread(r);
	push_children(w, dir, path);
}

int cgroup_walk(const struct cgroup_tree *t, bool limited_only, struct cgroup_levels *ret)
{
	struct cgroup_levels levels = { .hidden = !t->whole };
	struct walk w = { .tree = t, .levels = &levels };

	visit(&w, "/", limited_only);
	while (w.n > 0) {
		auto_free char *path = w.todo[--w.n];

		visit(&w, path, limited_only);
	}
	free(w.todo);
	*ret = levels;
	return 0;
}

void cgroup_levels_done(struct cgroup_levels *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].path);
	free(l->v);
	*l = (struct cgroup_levels){ 0 };
}

/* -- whose limit -- */
