/* SPDX-License-Identifier: MIT */
#include "inspect/text/container.h"

#include "base/base.h"

/* One path component, and the one before it. */
struct component {
	const char *s;
	size_t len;
};

static bool is_hex_id(const char *s, size_t len)
{
	/* OCI ids of the common engines are 64 digits; 32 or more keeps names out */
	return len >= 32 && len < CONTAINER_ID_SIZE && strspn(s, "0123456789abcdef") >= len;
}

static bool strip(struct component *c, const char *prefix, const char *suffix)
{
	size_t p = strlen(prefix), s = strlen(suffix);

	if (c->len <= p + s || memcmp(c->s, prefix, p) != 0 ||
	    memcmp(c->s + c->len - s, suffix, s) != 0)
		return false;
	c->s += p;
	c->len -= p + s;
	return true;
}

static bool is_component(const struct component *c, const char *name)
{
	return c->len == strlen(name) && memcmp(c->s, name, c->len) == 0;
}

static void set(struct container *ret, const char *runtime, const struct component *id)
{
	size_t len = id->len < CONTAINER_ID_SIZE - 1 ? id->len : CONTAINER_ID_SIZE - 1;

	ret->runtime = runtime;
	memcpy(ret->id, id->s, len);
	ret->id[len] = '\0';
}

/* systemd writes "-" as \x2d inside a unit name (systemd-escape(1)) */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		int high = has_prefix(s, "\\x") ? hex_digit(s[2]) : -1;
		int low = high < 0 ? -1 : hex_digit(s[3]);

		/* a NUL cannot be in a name */
		if (low >= 0 && high + low > 0) {
			*to++ = (char)(high << 4 | low);
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* "pod<uid>", "kubepods-burstable-pod<uid>.slice" with "_" for "-" in the systemd driver's form */
static bool pod_uid(const struct component *c, char ret[static POD_UID_SIZE])
{
	struct component uid = *c;
	const char *pod = memmem(c->s, c->len, "pod", 3);
	size_t i;

	strip(&uid, "", ".slice");
	while (pod && pod + 3 + 36 != uid.s + uid.len && pod + 3 + 32 != uid.s + uid.len) {
		const char *from = pod + 1;

		pod = memmem(from, (size_t)(uid.s + uid.len - from), "pod", 3);
	}
	if (!pod || (pod != uid.s && pod[-1] != '-'))
		return false;
	uid.len = (size_t)(uid.s + uid.len - pod - 3);
	uid.s = pod + 3;
	/* 36: a UUID; 32: a static pod's, hexadecimal alone (hash of its manifest) */
	for (i = 0; i < uid.len; i++) {
		char ch = uid.s[i] == '_' ? '-' : uid.s[i];

		if (!strchr("0123456789abcdef-", ch))
			return false;
		ret[i] = ch;
	}
	ret[i] = '\0';
	return true;
}

static bool prefixed_scope(const struct component *c, struct container *ret)
{
	static const struct {
		const char *prefix, *runtime;
	} scopes[] = {
		{ "docker-", "docker" },
		{ "cri-containerd-", "containerd" },
		{ "nerdctl-", "containerd" },
		{ "containerd-", "containerd" },
		{ "crio-", "cri-o" },
		{ "libpod-", "podman" },
		/* --cgroups=split, as Quadlet's units have it: below the unit's own cgroup */
		{ "libpod-payload-", "podman" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
		struct component id = *c;

		if (!strip(&id, scopes[i].prefix, ".scope")) {
			/* podman and CRI-O keep the prefix with the cgroupfs driver */
			if (!strip(&id, scopes[i].prefix, ""))
				continue;
		}
		if (!is_hex_id(id.s, id.len))
			continue;
		set(ret, scopes[i].runtime, &id);
		return true;
	}
	return false;
}

/* containerd with the systemd driver but without a shim of its own: "<pod slice>:cri-containerd:ID" */
static bool colon_form(const struct component *c, struct container *ret)
{
	const char *last = memrchr(c->s, ':', c->len);
	struct component id;

	if (!last)
		return false;
	id.s = last + 1;
	id.len = (size_t)(c->s + c->len - id.s);
	if (!is_hex_id(id.s, id.len) || !memmem(c->s, c->len, ":cri-containerd:", 16))
		return false;
	set(ret, "containerd", &id);
	return true;
}

static bool lxc(const struct component *before, const struct component *c, struct container *ret)
{
	struct component id = *c;

	if (strip(&id, "lxc.payload.", "") ||
	    ((is_component(before, "lxc") || is_component(before, "lxc.payload")) && c->len > 0)) {
		set(ret, "lxc", &id);
		return true;
	}
	return false;
}

static bool nspawn(const struct component *before, const struct component *c, struct container *ret)
{
	struct component id = *c;

	if (!strip(&id, "systemd-nspawn@", ".service") &&
	    !(is_component(before, "machine.slice") && strip(&id, "machine-", ".scope")))
		return false;
	set(ret, "systemd-nspawn", &id);
	unescape(ret->id);
	/* libvirt registers its machines too: "qemu-1-name" is none of ours, "lxc-1-name" is its own */
	if (has_prefix(ret->id, "qemu-"))
		ret->runtime = NULL;
	else if (has_prefix(ret->id, "lxc-"))
		ret->runtime = "lxc";
	return ret->runtime != NULL;
}

/*
 * Amazon ECS below /ecs/TASK: the engine's id or, on Fargate, "TASK-NUMBER". The task's own cgroup is
 * no container.
 */
static bool ecs(const char *root, const struct component *before, const struct component *c,
		struct container *ret)
{
	size_t digits = 0;

	if (!has_prefix(root, "ecs/") || before->s == root || is_component(before, "ecs"))
		return false;
	while (digits < c->len && c->s[c->len - 1 - digits] >= '0' &&
	       c->s[c->len - 1 - digits] <= '9')
		digits++;
	if (!is_hex_id(c->s, c->len) &&
	    !(digits > 0 && c->len == before->len + 1 + digits && c->s[before->len] == '-' &&
	      memcmp(c->s, before->s, before->len) == 0))
		return false;
	set(ret, "ecs", c);
	return true;
}

/* What systemd names so is a unit, and no container that somebody named */
static bool is_unit(const struct component *c)
{
	static const char *const suffixes[] = { ".slice", ".scope", ".service", ".mount",
						".socket" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		struct component stem = *c;

		if (strip(&stem, "", suffixes[i]))
			return true;
	}
	return false;
}

static bool recognise(const char *root, const struct component *before, const struct component *c,
		      bool in_pod, struct container *ret)
{
	if (prefixed_scope(c, ret) || colon_form(c, ret) || lxc(before, c, ret) ||
	    nspawn(before, c, ret) || ecs(root, before, c, ret))
		return true;
	/* ctr(8) puts a container straight below its namespace, under the name that it was given */
	if (is_component(before, "default") && before->s == root && !is_unit(c)) {
		set(ret, "containerd", c);
		return true;
	}
	if (!is_hex_id(c->s, c->len))
		return false;
	if (is_component(before, "docker") || is_component(before, "moby"))
		set(ret, "docker", c);
	else if (is_component(before, "k8s.io"))
		set(ret, "containerd", c);
	else if (in_pod)
		set(ret, "kubernetes", c);
	else if (c->len == 64)
		set(ret, "oci", c); /* --cgroup-parent: the id alone says that it is one */
	else
		return false;
	return true;
}

bool container_from_path(const char *path, struct container *ret)
{
	struct component before = { "", 0 };
	struct container found = { 0 };
	const char *root = path + strspn(path, "/");
	char uid[POD_UID_SIZE] = "", next_uid[POD_UID_SIZE];

	while (*path) {
		struct component c = { path, strcspn(path, "/") };
		/* "<pod slice>:cri-containerd:ID" holds both in one */
		struct component slice = { path, strcspn(path, "/:") };

		if (c.len > 0) {
			if (slice.len < c.len && pod_uid(&slice, next_uid))
				memcpy(uid, next_uid, sizeof(uid));
			if (pod_uid(&c, next_uid)) {
				memcpy(uid, next_uid, sizeof(uid));
			} else if (recognise(root, &before, &c, uid[0] != '\0', &found)) {
				/* a pod above this container is its pod; one below is another's */
				memcpy(found.pod_uid, uid, sizeof(uid));
			}
			before = c;
		}
		path += c.len;
		path += *path == '/';
	}
	if (!found.runtime)
		return false;
	*ret = found;
	return true;
}

/* A line of /proc/PID/cgroup is ID:CONTROLLERS:PATH; returns the path, *ret_controllers its field */
static char *split_line(char *line, char **ret_controllers)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!path)
		return NULL;
	*controllers++ = '\0';
	*path++ = '\0';
	*ret_controllers = controllers;
	return path;
}

bool container_from_cgroup(const char *text, size_t len, struct container *ret)
{
	auto_free char *copy = xstrndup(text, len);
	const char *before = "/"; /* the paths of v1's dozen hierarchies are mostly one */
	char *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *controllers, *path = split_line(line, &controllers);

		if (!path || streq(path, before))
			continue;
		if (container_from_path(path, ret)) {
			ret->cgroup = xstrdup(path);
			return true;
		}
		before = path;
	}
	return false;
}

void container_done(struct container *c)
{
	free(c->cgroup);
	c->cgroup = NULL;
}

static bool names_controller(const char *controllers, const char *wanted)
{
	size_t len = strlen(wanted);

	for (const char *s = controllers; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
		if (strncmp(s, wanted, len) == 0 && (s[len] == ',' || s[len] == '\0'))
			return true;
	}
	return false;
}

char *cgroup_path_of(const char *text, size_t len, enum cgroup_hierarchy hierarchy)
{
	auto_free char *copy = xstrndup(text, len);
	char *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *controllers, *path = split_line(line, &controllers);
		bool hit;

		if (!path)
			continue;
		if (hierarchy == CGROUP_V2)
			hit = streq(line, "0") && controllers[0] == '\0';
		else
			hit = names_controller(controllers,
					       hierarchy == CGROUP_V1_PIDS ? "pids" : "freezer");
		if (hit)
			return xstrdup(path);
	}
	return NULL;
}
