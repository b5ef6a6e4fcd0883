/* SPDX-License-Identifier: MIT */
#include "limits/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/base.h"
#include "base/file.h"
#include "base/harden.h"
#include "base/uname.h"

#define ANSWER_MS 2000

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
	int r = file_read_u64_at(procfd, "sys/kernel/pid_max", &a.max);

	if (r < 0)
		return r;
	a.has_max = true;
	/* kernel.ns_last_pid says the same, but needs CONFIG_CHECKPOINT_RESTORE */
	if (file_read_at(procfd, "loadavg", text, sizeof(text)) > 0 &&
	    loadavg_parse(text, &tasks, &last) == 0) {
		a.cursor = last + 1;
		a.has_cursor = true;
	}
	*ret = a;
	return 0;
}

bool pid_max_is_per_namespace(void)
{
	unsigned running = kernel_running();

	return running == 0 || running >= KERNEL(6, 14);
}

struct answer {
	int r;
	struct pidns_allocator allocator;
};

/* In the namespace; between fork and _exit only what is safe after a fork of one thread */
static _Noreturn void answer_from_inside(int procfd, int fd)
{
	struct answer a = { 0 };

	harden_drop_capabilities();
	a.r = pidns_allocator_own(procfd, &a.allocator);
	/* nobody is left to tell if the reader is gone */
	(void)!write(fd, &a, sizeof(a));
	_exit(0);
}

/* A refused fork says nothing of the namespace if forks at home are refused as well */
static bool can_fork_here(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return false;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return true;
}

/* Whoever rules that namespace may have stopped the child: this does not wait for ever */
static int await_answer(pid_t pid, int fd, struct pidns_allocator *ret)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	struct answer a;
	ssize_t n = -1;

	if (poll(&polled, 1, ANSWER_MS) > 0)
		n = read(fd, &a, sizeof(a));
	harden_reap(pid, n < 0 ? 0 : ANSWER_MS);
	if (n != (ssize_t)sizeof(a))
		return -EIO;
	if (a.r < 0)
		return a.r;
	*ret = a.allocator;
	return 0;
}

static int fork_inside(int procfd, int own, int nsfd, struct pidns_allocator *ret)
{
	int pipes[2], r = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	if (setns(nsfd, CLONE_NEWPID) < 0) {
		r = file_error(errno);
		close(pipes[0]);
		close(pipes[1]);
		return r;
	}
	harden_against_tracing(true); /* a child has it from its first moment on */
	pid = fork();
	if (pid == 0)
		answer_from_inside(procfd, pipes[1]);
	harden_against_tracing(false);
	if (pid < 0)
		r = -errno;
	close(pipes[1]);
	/* back at once: otherwise no thread could be started here any more (clone(2), EINVAL) */
	if (setns(own, CLONE_NEWPID) < 0 && r == 0)
		r = -errno;
	if (pid > 0)
		r = await_answer(pid, pipes[0], ret);
	close(pipes[0]);
	return r;
}

int pidns_allocator_enter(int procfd, int nsfd, struct pidns_allocator *ret)
{
	auto_close int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	int r;

	if (own < 0)
		return file_error(errno);
	r = fork_inside(procfd, own, nsfd, ret);
	if (r == -EAGAIN && can_fork_here()) {
		*ret = (struct pidns_allocator){ .full = true };
		return 0;
	}
	return r;
}

/* -- threads-max and RLIMIT_NPROC -- */

int threads_max_read(int procfd, uint64_t *ret_now, uint64_t *ret_max)
{
	uint64_t now, last, max;
	char text[128];
	ssize_t n = file_read_at(procfd, "loadavg", text, sizeof(text));
	int r;

	if (n < 0)
		return (int)n;
	r = loadavg_parse(text, &now, &last);
	if (r == 0)
		r = file_read_u64_at(procfd, "sys/kernel/threads-max", &max);
	if (r < 0)
		return r;
	*ret_now = now;
	*ret_max = max;
	return 0;
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

int nproc_exempt(const char *status, size_t len, bool in_init_userns)
{
	auto_free char *uid = line_after(status, len, "Uid:");
	auto_free char *caps = line_after(status, len, "CapEff:");
	unsigned long long mask;
	unsigned long real;

	if (!uid || !caps || sscanf(uid, " %lu", &real) != 1 || sscanf(caps, " %llx", &mask) != 1)
		return -EBADMSG;
	/* uid 0 and capabilities of another user namespace are not the machine's */
	if (!in_init_userns)
		return 0;
	return real == 0 || (mask >> CAP_SYS_RESOURCE & 1) || (mask >> CAP_SYS_ADMIN & 1);
}
