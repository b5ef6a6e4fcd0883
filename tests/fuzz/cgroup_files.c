/* SPDX-License-Identifier: MIT */
/*
 * The files of one cgroup: a limit is what the file says or an error, never made up. Input: lines of
 * pids.max, pids.current, pids.events and pids.events.local in turn.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "limits/cgroup.h"

static char path[] = "/dev/shm/coroner-fuzz.XXXXXX";
static const char *const files[] = { "pids.max", "pids.current", "pids.events",
				     "pids.events.local" };

static void remove_place(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		auto_free char *file = xasprintf("%s/%s", path, files[i]);

		unlink(file);
	}
	rmdir(path);
}

static int place(void)
{
	static int dir = -1;

	if (dir >= 0)
		return dir;
	require(mkdtemp(path));
	atexit(remove_place);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(dir >= 0);
	return dir;
}

static void put(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	require(fd >= 0);
	require(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* What the kernel writes: digits, at most UINT64_MAX */
static bool is_number(const char *text, uint64_t *ret)
{
	__uint128_t value = 0;
	const char *s = text;

	for (; *s >= '0' && *s <= '9'; s++) {
		value = value * 10 + (__uint128_t)(*s - '0');
		if (value > UINT64_MAX)
			return false;
	}
	*ret = (uint64_t)value;
	return s > text && *s == '\0';
}

static bool is_limit(const char *text, uint64_t *ret)
{
	*ret = CGROUP_UNLIMITED;
	return streq(text, "max") || is_number(text, ret);
}

static bool is_count(const char *text, uint64_t *ret)
{
	return has_prefix(text, "max ") && is_number(text + 4, ret);
}

static void require_level(const struct cgroup_level *level, char *const line[static 4])
{
	uint64_t max, current, refused;

	require(streq(level->path, "/"));
	require(is_limit(line[0], &max) && is_limit(line[1], &current));
	require(level->max == max && level->current == current);
	/* the local count is what was refused here, where this kernel has one */
	if (is_count(line[3], &refused) || is_count(line[2], &refused))
		require(level->has_refused && level->refused == refused);
	else
		require(!level->has_refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = as_string(data, size);
	char *line[4] = { text };
	char root[] = "/";
	struct cgroup_tree tree = { .mount = { .fd = place(), .root = root },
				    .v2 = true,
				    .whole = true };
	struct cgroup_levels levels = { 0 };
	uint64_t max, current;
	bool good;
	int r;

	for (int i = 1; i < 4; i++)
		line[i] = cut_line(line[i - 1]);
	cut_line(line[3]);
	/* longer than any number, and than what is read of these files */
	for (int i = 0; i < 4; i++)
		line[i][strnlen(line[i], 60)] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		auto_free char *whole = xasprintf("%s\n", line[i]);

		put(tree.mount.fd, files[i], whole);
	}
	good = is_limit(line[0], &max) && is_limit(line[1], &current);
	r = cgroup_levels_read(&tree, "/", &levels);
	require(good ? r == 0 && levels.n == 1 : r == -EBADMSG);
	if (good)
		require_level(&levels.v[0], line);
	cgroup_levels_done(&levels);
	return 0;
}
