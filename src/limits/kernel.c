/* SPDX-License-Identifier: MIT */
#include "limits/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/base.h"
#include "base/file.h"
#include "base/uname.h"

/* -- what is the kernel's own -- */

/*
 * Returns 0; -ENODATA where something else lies over a file of proc; or an error of file_error(). Asks no file system:
 * the one that lies there may hang (lxcfs).
 */
static int check_own(int procfd, const char *name)
{
	struct statx file;
	struct stat proc;

	if (statx(procfd, name, AT_STATX_DONT_SYNC, 0, &file) < 0 || fstat(procfd, &proc) < 0)
		return file_error(errno);
	return makedev(file.stx_dev_major, file.stx_dev_minor) == proc.st_dev ? 0 : -ENODATA;
}

int kernel_number(int procfd, const char *name, uint64_t *ret)
{
	auto_free char *path = xasprintf("sys/kernel/%s", name);
	int r = check_own(procfd, path);

	return r < 0 ? r : file_read_u64_at(procfd, path, ret);
}

bool kernel_has_number(int procfd, const char *name)
{
	auto_free char *path = xasprintf("sys/kernel/%s", name);

	return faccessat(procfd, path, F_OK, 0) == 0;
}

uint32_t kernel_overflow_uid(int procfd)
{
	uint64_t uid;

	/* Linux kernel/sys.c: DEFAULT_OVERFLOWUID */
	return kernel_number(procfd, "overflowuid", &uid) == 0 ? (uint32_t)uid : 65534;
}

/* Returns as file_read_at(); -ENODATA where it is not the kernel's */
static ssize_t read_loadavg(int procfd, char *text, size_t size)
{
	int r = check_own(procfd, "loadavg");

	return r < 0 ? r : file_read_at(procfd, "loadavg", text, size);
}

/* -- PID namespaces -- */

int loadavg_parse(const char *text, uint64_t *ret_tasks, uint64_t *ret_last_pid)
{
	unsigned long long tasks, last;

	if (sscanf(text, "%*s %*s %*s %*u/%llu %llu", &tasks, &last) != 2)
		return -EBADMSG;
	*ret_tasks = tasks;
	*ret_last_pid = last;
	return 0;
}

int pidns_allocator_own(int procfd, struct pidns_allocator *ret)
{
	struct pidns_allocator a = { 0 };
	uint64_t tasks, last;
	char text[128];
	int r = kernel_number(procfd, "pid_max", &a.max);

	if (r < 0)
		return r;
	a.has_max = true;
	/* kernel.ns_last_pid says the same, but needs CONFIG_CHECKPOINT_RESTORE */
	if (read_loadavg(procfd, text, sizeof(text)) > 0) {
		a.has_cursor = loadavg_parse(text, &tasks, &last) == 0;
	} else {
		a.has_cursor = kernel_number(procfd, "ns_last_pid", &last) == 0;
	}
	a.cursor = a.has_cursor ? last + 1 : 0;
	*ret = a;
	return 0;
}

bool pid_max_is_per_namespace(void)
{
	unsigned running = kernel_running();

	return running == 0 || running >= KERNEL(6, 14);
}

/* -- threads-max and RLIMIT_NPROC -- */

void threads_max_read(int procfd, struct threads_max *ret)
{
	uint64_t last;
	char text[128];
	ssize_t n = read_loadavg(procfd, text, sizeof(text));

	ret->has_max = kernel_number(procfd, "threads-max", &ret->max) == 0;
	ret->has_now = n > 0 && loadavg_parse(text, &ret->now, &last) == 0;
	ret->unread = n < 0 && n != -ENODATA;
}

/* The rest of the line that starts with key, or NULL; text is not NUL-terminated */
static char *line_after(const char *text, size_t len, const char *key)
{
	const char *end = text + len;
	size_t key_len = strlen(key);

	for (const char *line = text, *eol; line < end; line = eol + 1) {
		eol = memchr(line, '\n', (size_t)(end - line));
		if (!eol)
			eol = end;
		if ((size_t)(eol - line) >= key_len && memcmp(line, key, key_len) == 0)
			return xstrndup(line + key_len, (size_t)(eol - line) - key_len);
	}
	return NULL;
}

int limits_parse_nproc(const char *text, size_t len, uint64_t *ret)
{
	auto_free char *rest = line_after(text, len, "Max processes ");
	const char *s = rest ? rest + strspn(rest, " ") : "";
	unsigned long long value;
	char *end;

	if (has_prefix(s, "unlimited")) {
		*ret = UINT64_MAX;
		return 0;
	}
	if (*s < '0' || *s > '9')
		return -EBADMSG;
	errno = 0;
	value = strtoull(s, &end, 10);
	if (errno || *end != ' ')
		return -EBADMSG;
	*ret = value;
	return 0;
}

enum tri nproc_exempt(const struct proc_status *s, enum tri machines_root, enum tri in_init)
{
	if (machines_root == TRI_YES)
		return TRI_YES;
	/* capabilities of another user namespace are not the machine's */
	if (in_init != TRI_NO) {
		if (!s->has_capabilities)
			return TRI_UNKNOWN;
		if (s->capabilities &
		    (UINT64_C(1) << CAP_SYS_RESOURCE | UINT64_C(1) << CAP_SYS_ADMIN))
			return in_init;
	}
	return machines_root;
}
