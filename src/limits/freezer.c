/* SPDX-License-Identifier: MIT */
#include "limits/freezer.h"

#include <sys/types.h>

#include "base/file.h"
#include "inspect/container.h"

/* Alone, or beside v1 in the hybrid layout */
static const char *const v2_roots[] = { ".", "unified" };

static enum tri v1_frozen(int cgroupfs, const char *path)
{
	auto_free char *file = xasprintf("freezer%s/freezer.state", path);
	char text[64];
	ssize_t n = file_read_at(cgroupfs, file, text, sizeof(text));

	/* the root cgroup has no such file, and cannot be frozen */
	if (n < 0)
		return streq(path, "/") ? TRI_NO : TRI_UNKNOWN;
	return tri_of(has_prefix(text, "FROZEN") || has_prefix(text, "FREEZING"));
}

static enum tri v2_frozen(int cgroupfs, const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(v2_roots); i++) {
		auto_free char *file = xasprintf("%s%s/cgroup.events", v2_roots[i], path);
		char text[256];
		const char *line;

		if (file_read_at(cgroupfs, file, text, sizeof(text)) < 0)
			continue;
		line = strstr(text, "frozen ");
		if (line)
			return tri_of(line[strlen("frozen ")] == '1');
	}
	return streq(path, "/") ? TRI_NO : TRI_UNKNOWN;
}

enum tri cgroup_frozen(int cgroupfs, const char *cgroups, size_t len, bool *ret_v1)
{
	auto_free char *v1 = cgroup_path_of(cgroups, len, CGROUP_V1_FREEZER);
	auto_free char *v2 = cgroup_path_of(cgroups, len, CGROUP_V2);
	enum tri a, b;

	if (ret_v1)
		*ret_v1 = false;
	if (cgroupfs < 0)
		return TRI_UNKNOWN;
	a = v1 ? v1_frozen(cgroupfs, v1) : TRI_NO;
	b = v2 ? v2_frozen(cgroupfs, v2) : TRI_NO;
	if (ret_v1)
		*ret_v1 = a == TRI_YES;
	if (a == TRI_YES || b == TRI_YES)
		return TRI_YES;
	return a == TRI_NO && b == TRI_NO ? TRI_NO : TRI_UNKNOWN;
}

/* The nearest cgroup from path up whose own switch is on; NULL: none that can be read */
static char *switch_above(int cgroupfs, const char *root, const char *path, const char *is_on,
			  const char *file)
{
	auto_free char *at = xstrdup(path);

	for (char *slash = at + strlen(at); slash && slash != at; slash = strrchr(at, '/')) {
		auto_free char *name = NULL;
		uint64_t on;

		*slash = '\0';
		name = xasprintf("%s%s/%s", root, at, is_on);
		if (file_read_u64_at(cgroupfs, name, &on) == 0 && on == 1)
			return streq(root, ".") ? xasprintf("%s/%s", at + 1, file) :
						  xasprintf("%s%s/%s", root, at, file);
	}
	return NULL;
}

char *cgroup_freezer_switch(int cgroupfs, const char *cgroups, size_t len, const char **ret_off)
{
	auto_free char *v1 = cgroup_path_of(cgroups, len, CGROUP_V1_FREEZER);
	auto_free char *v2 = cgroup_path_of(cgroups, len, CGROUP_V2);
	char *found = NULL;

	if (cgroupfs < 0)
		return NULL;
	*ret_off = "THAWED";
	if (v1)
		found = switch_above(cgroupfs, "freezer", v1, "freezer.self_freezing",
				     "freezer.state");
	if (found)
		return found;
	*ret_off = "0";
	for (size_t i = 0; v2 && i < ARRAY_SIZE(v2_roots) && !found; i++)
		found = switch_above(cgroupfs, v2_roots[i], v2, "cgroup.freeze", "cgroup.freeze");
	return found;
}
