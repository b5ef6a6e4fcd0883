/* SPDX-License-Identifier: MIT */
#include "act/refused_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "act/replace.h"
#include "base/base.h"
#include "base/file.h"

#define HEAD "coroner refused forks 1\n"
#define MAX_BOOT_ID 40

/* random(4): one number for each boot; "" where it cannot be read, which is no boot's */
static void boot_id(char ret[static MAX_BOOT_ID])
{
	ssize_t n = file_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", ret, MAX_BOOT_ID);

	if (n <= 0)
		*ret = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

/* What is more now than it was then; a cgroup that was not there has begun at 0 */
static uint64_t grown(const char *lines, const struct refused_now *now)
{
	uint64_t id, then;

	for (const char *line = lines; *line; line += strcspn(line, "\n") + 1)
		if (sscanf(line, "%" SCNu64 " %" SCNu64, &id, &then) == 2 && id == now->id)
			return now->n > then ? now->n - then : 0;
	return now->n;
}

static int compare(const char *text, const struct refused_now *counts, size_t n, int64_t now_ns,
		   struct refused_since *ret)
{
	char own[MAX_BOOT_ID], theirs[MAX_BOOT_ID];
	const char *lines;
	int64_t then_ns;
	int used = 0;

	if (!has_prefix(text, HEAD) ||
	    sscanf(text + strlen(HEAD), "%39s %" SCNd64 "\n%n", theirs, &then_ns, &used) != 2 ||
	    !used)
		return -EBADMSG;
	boot_id(own);
	if (!streq(own, theirs) || then_ns >= now_ns)
		return 0;
	lines = text + strlen(HEAD) + used;
	for (size_t i = 0; i < n; i++)
		ret->n += grown(lines, &counts[i]);
	ret->seconds = (double)(now_ns - then_ns) / 1e9;
	ret->known = true;
	return 0;
}

static int read_before(const char *path, char **ret)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_free char *proc = NULL;
	struct stat st;
	size_t len;
	int r;

	if (fd < 0)
		return -errno;
	r = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EBADMSG;
	if (r == 0) {
		proc = xasprintf("/proc/self/fd/%d", fd);
		r = file_slurp_at(AT_FDCWD, proc, ret, &len);
	}
	close(fd);
	return r;
}

static int write_now(const char *path, const struct refused_now *counts, size_t n, int64_t now_ns)
{
	struct replacement file;
	char id[MAX_BOOT_ID];
	int r = replace_begin(path, &file);

	if (r < 0)
		return r;
	boot_id(id);
	fprintf(file.out, HEAD "%s %" PRId64 "\n", *id ? id : "-", now_ns);
	for (size_t i = 0; i < n; i++)
		fprintf(file.out, "%" PRIu64 " %" PRIu64 "\n", counts[i].id, counts[i].n);
	return replace_end(&file, 0600);
}

int refused_state_turn(const char *path, const struct refused_now *counts, size_t n, int64_t now_ns,
		       struct refused_since *ret)
{
	struct refused_since since = { 0 };
	auto_free char *before = NULL;
	int r = read_before(path, &before);

	if (r == 0 && before)
		r = compare(before, counts, n, now_ns, &since);
	else if (r == -ENOENT)
		r = 0;
	if (r == 0)
		r = write_now(path, counts, n, now_ns);
	if (r == 0)
		*ret = since;
	return r;
}
