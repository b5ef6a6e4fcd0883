/* SPDX-License-Identifier: MIT */
#include "words/forks/cgroup_owner.h"

#include <string.h>

#include "base/base.h"
#include "inspect/text/container.h"

static bool is_unit(const char *name)
{
	static const char *const suffixes[] = { ".service", ".scope", ".slice",
						".socket",  ".mount", ".swap" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t len = strlen(name), suffix = strlen(suffixes[i]);

		if (len > suffix && streq(name + len - suffix, suffixes[i]))
			return true;
	}
	return false;
}

/* "pod<uid>" or "kubepods…-pod<uid>.slice", where no container was found below */
static bool is_pod(const char *name)
{
	const char *pod = strstr(name, "pod");

	while (pod) {
		size_t len = strspn(pod + 3, "0123456789abcdef-_");

		if (len >= 32 && (pod == name || pod[-1] == '-'))
			return true;
		pod = strstr(pod + 3, "pod");
	}
	return false;
}

char *cgroup_owner(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	auto_free char *above = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	struct container own, outer;

	/* the container's id is in its own cgroup's name; below it the path still holds that id */
	if (container_from_path(path, &own)) {
		if (container_from_path(above, &outer) && streq(outer.id, own.id))
			return is_unit(name) ?
				       xasprintf("systemd in container %.12s: TasksMax of %s",
						 own.id, name) :
				       xasprintf("set inside container %.12s", own.id);
		if (streq(own.runtime, "systemd-nspawn"))
			return xasprintf("systemd: TasksMax of %s", name);
		if (streq(own.runtime, "lxc"))
			return xasprintf("LXC: pids.max of container %s", own.id);
		if (own.pod_uid[0])
			return xasprintf("Kubernetes: container %.12s of pod %s", own.id,
					 own.pod_uid);
		return xasprintf("%s: --pids-limit of container %.12s", own.runtime, own.id);
	}
	if (is_pod(name))
		return xstrdup("Kubernetes: podPidsLimit of the kubelet");
	if (has_prefix(name, "kubepods"))
		return xstrdup("Kubernetes: the node's allocatable pids");
	if (is_unit(name))
		return xasprintf("systemd: TasksMax of %s", name);
	return NULL;
}
