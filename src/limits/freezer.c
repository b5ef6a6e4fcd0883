/* SPDX-License-Identifier: MIT */
#include "limits/freezer.h"

#include <stdio.h>

#include "base/file.h"

/* By their place in mounts[]; v2 alone, or beside v1 in the hybrid layout */
enum { V1, V2, V2_BESIDE_V1 };

static const struct {
	const char *dir;
	enum cgroup_hierarchy hierarchy;
} places[] = {
	[V1] = { "freezer", CGROUP_V1_FREEZER },
	[V2] = { ".", CGROUP_V2 },
	[V2_BESIDE_V1] = { "unified", CGROUP_V2 },
};

void freezer_open(int cgroupfs, struct freezer *ret)
{
	ret->cgroupfs = cgroupfs;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		ret->mounts[i] = (struct cgroup_mount){ .fd = -1 };
		/* what is not there holds nobody */
		if (cgroupfs >= 0)
			(void)cgroup_mount_open(cgroupfs, places[i].dir, places[i].hierarchy,
						&ret->mounts[i]);
	}
}

void freezer_close(struct freezer *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(f->mounts); i++)
		cgroup_mount_close(&f->mounts[i]);
}

/*
 * The path below cgroupfs of a cgroup that /proc/PID/cgroup names, in the hierarchy mounted at a place: what
 * is mounted there need not be the top of it (a container's own part). Owned; NULL: not in what is mounted.
 */
static char *path_in(const struct freezer *f, int place, const char *path, bool *ret_top)
{
	const struct cgroup_mount *m = &f->mounts[place];
	auto_free char *below = m->fd < 0 ? NULL : cgroup_path_below(m->root, m->top, path);

	if (!below)
		return NULL;
	*ret_top = streq(below, "/");
	return xasprintf("%s%s", places[place].dir, below);
}

static enum tri v1_frozen(const struct freezer *f, const char *path)
{
	bool top = false;
	auto_free char *at = path_in(f, V1, path, &top);
	auto_free char *file = at ? xasprintf("%s/freezer.state", at) : NULL;
	char text[64];

	if (!file)
		return TRI_UNKNOWN;
	/* the root cgroup has no such file, and cannot be frozen */
	if (file_read_at(f->cgroupfs, file, text, sizeof(text)) < 0)
		return top ? TRI_NO : TRI_UNKNOWN;
	return tri_of(has_prefix(text, "FROZEN") || has_prefix(text, "FREEZING"));
}

static enum tri v2_frozen(const struct freezer *f, const char *path)
{
	bool seen_top = false;

	for (int place = V2; place <= V2_BESIDE_V1; place++) {
		bool top = false;
		auto_free char *at = path_in(f, place, path, &top);
		auto_free char *file = at ? xasprintf("%s/cgroup.events", at) : NULL;
		char text[256];
		const char *line;

		seen_top |= top;
		if (!file || file_read_at(f->cgroupfs, file, text, sizeof(text)) < 0)
			continue;
		line = strstr(text, "frozen ");
		if (line)
			return tri_of(line[strlen("frozen ")] == '1');
	}
	return seen_top ? TRI_NO : TRI_UNKNOWN;
}

enum tri cgroup_frozen(const struct freezer *f, const char *cgroups, size_t len, bool *ret_v1)
{
	auto_free char *v1 = cgroup_path_of(cgroups, len, CGROUP_V1_FREEZER);
	auto_free char *v2 = cgroup_path_of(cgroups, len, CGROUP_V2);
	enum tri a, b;

	if (ret_v1)
		*ret_v1 = false;
	if (f->cgroupfs < 0)
		return TRI_UNKNOWN;
	a = v1 ? v1_frozen(f, v1) : TRI_NO;
	b = v2 ? v2_frozen(f, v2) : TRI_NO;
	if (ret_v1)
		*ret_v1 = a == TRI_YES;
	if (a == TRI_YES || b == TRI_YES)
		return TRI_YES;
	return a == TRI_NO && b == TRI_NO ? TRI_NO : TRI_UNKNOWN;
}

static enum tri thread_frozen(const struct freezer *f, const struct census *c,
			      const struct details *d, const struct thread *t)
{
	auto_free char *cgroups = NULL;
	char name[48];
	size_t len;

	snprintf(name, sizeof(name), "task/%d/cgroup", t->tid);
	if (details_read_file(c, &d->process, name, &cgroups, &len) < 0)
		return TRI_UNKNOWN;
	if (len == d->cgroups_len && memcmp(cgroups, d->cgroups, len) == 0)
		return TRI_YES;
	return cgroup_frozen(f, cgroups, len, NULL);
}

enum tri freezer_holds_all(const struct freezer *f, const struct census *c, const struct details *d)
{
	enum tri all = details_has(d, WANT_CGROUP | WANT_THREADS) ? TRI_YES : TRI_UNKNOWN;

	for (size_t i = 0; i < d->n_threads; i++) {
		const struct thread *t = &d->threads[i];
		enum tri frozen = TRI_YES;

		if (t->state != 'Z' && t->state != 'X' && t->tid != d->process.pid)
			frozen = thread_frozen(f, c, d, t);
		if (frozen == TRI_NO)
			return TRI_NO;
		if (frozen == TRI_UNKNOWN)
			all = TRI_UNKNOWN;
	}
	return all;
}

/* The nearest cgroup from path up whose own switch is on; NULL: none that can be read */
static char *switch_above(const struct freezer *f, int place, const char *path, const char *is_on,
			  const char *file)
{
	bool top = false;
	auto_free char *at = path_in(f, place, path, &top);

	while (at && strlen(at) >= strlen(places[place].dir)) {
		auto_free char *name = xasprintf("%s/%s", at, is_on);
		char *slash = strrchr(at, '/');
		uint64_t on;

		if (file_read_u64_at(f->cgroupfs, name, &on) == 0 && on == 1)
			return xasprintf("%s/%s", has_prefix(at, "./") ? at + 2 : at, file);
		if (!slash)
			break;
		*slash = '\0';
	}
	return NULL;
}

char *cgroup_freezer_switch(const struct freezer *f, const char *cgroups, size_t len,
			    const char **ret_off)
{
	auto_free char *v1 = cgroup_path_of(cgroups, len, CGROUP_V1_FREEZER);
	auto_free char *v2 = cgroup_path_of(cgroups, len, CGROUP_V2);
	char *found = NULL;

	if (f->cgroupfs < 0)
		return NULL;
	*ret_off = "THAWED";
	if (v1)
		found = switch_above(f, V1, v1, "freezer.self_freezing", "freezer.state");
	if (found)
		return found;
	*ret_off = "0";
	for (int place = V2; v2 && place <= V2_BESIDE_V1 && !found; place++)
		found = switch_above(f, place, v2, "cgroup.freeze", "cgroup.freeze");
	return found;
}
