/* SPDX-License-Identifier: MIT */
/* Which cgroup the forks of a process are charged to. */
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "case/forks/limits.h"
#include "census/proc_stat.h"

/* What the file at path says, as /proc names it; NULL: it cannot be read, or the hierarchy is not in it */
static char *name_in(const struct limits_view *v, const char *path)
{
	auto_free char *text = NULL;
	size_t len;

	if (file_slurp_at(v->census->procfd, path, &text, &len) < 0)
		return NULL;
	return cgroup_path_of(text, len, v->tree.v2 ? CGROUP_V2 : CGROUP_V1_PIDS);
}

/* The name of the cgroup of a thread that lives, where the first one does not; NULL: none does */
static char *name_of_living_thread(const struct limits_view *v, const struct process *p)
{
	auto_free char *path = xasprintf("%d/task", p->pid);
	auto_dir DIR *dir = file_list_at(v->census->procfd, path);
	const struct dirent *entry;
	char *name = NULL;

	if (!dir) {
		(void)file_error(errno); /* for file_shortage() */
		return NULL;
	}
	while (!name && (entry = readdir(dir))) {
		auto_free char *file = xasprintf("%s/%s/cgroup", path, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		name = name_in(v, file);
		if (name && streq(name, "/")) {
			free(name);
			name = NULL;
		}
	}
	return name;
}

static bool is_ending(const struct limits_view *v, const struct process *p)
{
	struct process now = { 0 };

	return proc_stat_read_pid(v->census->procfd, p->pid, &now) < 0 || (now.flags & PF_EXITING);
}

char *limits_cgroup_of(const struct limits_view *v, const struct process *p)
{
	const struct cgroup_mount *m = &v->tree.mount;
	auto_free char *file = xasprintf("%d/cgroup", p->pid), *living = NULL;
	auto_free char *name = name_in(v, file);

	if (!name)
		return NULL;
	if (v->tree.v2 || !streq(name, "/"))
		return cgroup_path_below(m->root, m->top, name);
	/* v1 says so of the root, and of all that is ending (Linux kernel/cgroup/cgroup.c:proc_cgroup_show()) */
	if (p->threads > 1 && (p->state == 'Z' || (p->flags & PF_EXITING)))
		living = name_of_living_thread(v, p);
	if (living)
		return cgroup_path_below(m->root, m->top, living);
	/* where the root has another name, it is none */
	if ((m->top || !v->tree.whole) && is_ending(v, p))
		return v->tree.whole ? xstrdup("/") : NULL;
	return cgroup_path_below(m->root, m->top, name);
}
