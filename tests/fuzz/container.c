/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/cgroup: a container is told from what its path says and nothing else, the innermost
 * wins whatever stands above, and its name is safe to print.
 */
#include "fuzz.h"

#include <ctype.h>

#include "inspect/text/container.h"
#include "words/label.h"

#define ID "3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d"

static bool is_known(const char *runtime)
{
	static const char *const runtimes[] = { "docker",     "containerd", "cri-o",
						"podman",     "lxc",	    "systemd-nspawn",
						"kubernetes", "ecs",	    "oci" };

	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++)
		if (streq(runtime, runtimes[i]))
			return true;
	return false;
}

static void require_safe_label(const struct container *c)
{
	auto_free char *label = container_label(c, false);

	for (const char *s = label; *s; s++)
		require(*s >= ' ' && *s <= '~');
	require(has_prefix(label, c->runtime) && label[strlen(c->runtime)] == ':');
}

/* systemd-escape(1): \xNN, of which a machine's name is freed */
static bool has_escape(const char *path)
{
	for (const char *s = strstr(path, "\\x"); s; s = strstr(s + 1, "\\x"))
		if (isxdigit((unsigned char)s[2]) && isxdigit((unsigned char)s[3]))
			return true;
	return false;
}

static void require_sense(const struct container *c, const char *path)
{
	size_t uid = strnlen(c->pod_uid, sizeof(c->pod_uid));

	require(is_known(c->runtime));
	require(c->id[0] && memchr(c->id, '\0', sizeof(c->id)));
	require(uid == 0 || uid == 32 || uid == 36);
	require(strspn(c->pod_uid, "0123456789abcdef-") == uid);
	if (!has_escape(path))
		require(strstr(path, c->id));
	require_safe_label(c);
}

static void any_text(const char *raw, size_t size)
{
	struct container c = { .runtime = "untouched" }, again;
	auto_free char *text = exact_copy(raw, size), *string = xstrndup(raw, size);
	auto_free char *line = NULL;

	if (!container_from_cgroup(text, size, &c)) {
		require(streq(c.runtime, "untouched"));
		return;
	}
	require_sense(&c, c.cgroup);
	line = xasprintf(":%s", c.cgroup);
	require(!strchr(c.cgroup, '\n') && strstr(string, line));
	require(container_from_path(c.cgroup, &again));
	require(again.runtime == c.runtime && streq(again.id, c.id) &&
		streq(again.pod_uid, c.pod_uid) && !again.cgroup);
	container_done(&c);
}

static void any_hierarchy(const char *raw, size_t size)
{
	auto_free char *text = exact_copy(raw, size), *string = xstrndup(raw, size);

	for (enum cgroup_hierarchy h = CGROUP_V2; h <= CGROUP_V1_FREEZER; h++) {
		auto_free char *path = cgroup_path_of(text, size, h), *line = NULL;

		if (!path)
			continue;
		line = xasprintf(h == CGROUP_V2 ? "0::%s" : ":%s", path);
		require(!strchr(path, '\n') && strstr(string, line));
	}
}

/* Whoever names the cgroups above, the container's own is what counts, and below it only others */
static void any_place(const char *above)
{
	auto_free char *docker = xasprintf("/%s/docker/" ID, above);
	auto_free char *podman = xasprintf("/%s/libpod-" ID ".scope", above);
	struct container c;

	require(container_from_path(docker, &c) && streq(c.id, ID));
	require(container_from_path(podman, &c) && streq(c.id, ID) && streq(c.runtime, "podman"));
	require_sense(&c, podman);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *string = as_string(data, size);
	auto_free char *path = xasprintf("/%s", string);
	struct container c;

	any_text((const char *)data, size);
	any_hierarchy((const char *)data, size);
	any_place(string);
	if (container_from_path(path, &c))
		require_sense(&c, path);
	return 0;
}
