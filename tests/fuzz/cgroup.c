/* SPDX-License-Identifier: MIT */
/*
 * Paths of cgroups: none leads out of the mount, parts make up the whole again, and what mountinfo
 * escapes is what /proc/PID/cgroup shows. Input: two lines, a root and a path; then more text.
 */
#include "fuzz.h"

#include "limits/cgroup.h"
#include "limits/mountinfo.h"
#include "words/forks/cgroup_owner.h"

static void require_inside(const char *path)
{
	int depth = 0;

	require(path[0] == '/');
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && memcmp(path, "..", 2) == 0)
			depth--;
		else if (len > 0 && !(len == 1 && *path == '.'))
			depth++;
		require(depth >= 0);
		path += len;
		path += *path == '/';
	}
}

static void any_paths(const char *root, const char *path)
{
	auto_free char *below = cgroup_path_below(root, NULL, path);
	auto_free char *child = xasprintf("%s/%s", root, path);
	auto_free char *sibling = xasprintf("%sx", root);
	auto_free char *whole = NULL;

	require(cgroup_path_covers("/", path));
	require(cgroup_path_covers(path, path));
	require(cgroup_path_covers(root, child));
	if (!streq(root, "/") && root[0] && root[strlen(root) - 1] != '/')
		require(!cgroup_path_covers(root, sibling));
	if (!below)
		return;
	require_inside(below);
	require(path[0] == '/' && cgroup_path_covers(root, path));
	whole = xasprintf("%s%s", streq(root, "/") ? "" : root, streq(below, "/") ? "" : below);
	require(streq(whole, path) || streq(path, "/") || (streq(below, "/") && *path));
}

/* Above the namespace's top, wherever that is */
static void any_top(const char *top, const char *path)
{
	static const char *const roots[] = { "/..", "/../..", "/../x", "/" };

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		auto_free char *below = cgroup_path_below(roots[i], top, path);
		auto_free char *again = below ? cgroup_path_below("/", NULL, below) : NULL;

		require(!below || (again && streq(again, below)));
	}
}

static void any_owner(const char *path)
{
	auto_free char *owner = cgroup_owner(path);

	if (owner)
		require(has_prefix(owner, "systemd") || has_prefix(owner, "LXC: ") ||
			has_prefix(owner, "Kubernetes: ") || has_prefix(owner, "set inside ") ||
			strstr(owner, ": --pids-limit of container "));
}

static void any_tree(char *root, const char *text, size_t size)
{
	struct cgroup_tree trees[] = { { .mount = { .fd = -1, .root = root } },
				       { .mount = { .fd = -1, .root = root }, .v2 = true } };
	auto_free char *copy = exact_copy(text, size);

	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		auto_free char *path = cgroup_tree_path(&trees[i], copy, size);

		if (path)
			require_inside(path);
	}
}

/* Linux fs/seq_file.c:mangle_path() with the set " \t\n\\" */
static char *escape(const char *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (; *s; s++) {
		if (strchr(" \t\n\\", *s))
			fprintf(out, "\\%03o", (unsigned char)*s);
		else
			fputc(*s, out);
	}
	fclose(out);
	return text;
}

static void any_mount(const char *root, const char *others, size_t size)
{
	auto_free char *escaped = escape(root), *text = NULL, *found = NULL, *raw = NULL;
	auto_free char *copy = exact_copy(others, size);

	raw = mountinfo_root(copy, size, 31);
	require(!raw || strlen(raw) < size);
	if (!*root)
		return;
	text = xasprintf("3 31 0:5 /a /a rw\n31 24 0:27 %s /sys/fs/cgroup/pids rw - cgroup c rw\n",
			 escaped);
	found = mountinfo_root(text, strlen(text), 31);
	require(found && streq(found, root));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *root = as_string(data, size);
	char *path = cut_line(root), *text = cut_line(path);

	any_paths(root, path);
	any_top(root, path);
	any_owner(path);
	any_tree(root, text, strlen(text));
	any_mount(root, text, strlen(text));
	return 0;
}
