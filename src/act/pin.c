/* SPDX-License-Identifier: MIT */
#include "act/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/duration.h"
#include "base/file.h"
#include "census/proc_stat.h"
#include "inspect/presence.h"

/* Between two tries of signal 0 where the kernel may not report a reaping by itself */
#define FIRST_SLICE_MS 2
#define LONGEST_SLICE_MS 50

/* Linux v6.13 include/uapi/linux/pidfd.h, which may be older here; the first 64 bytes of it */
struct pidfd_info_v0 {
	uint64_t mask;
	uint64_t cgroupid;
	uint32_t pid;
	uint32_t tgid;
	uint32_t ppid;
	uint32_t others[9];
};

#define PIDFD_GET_INFO_V0 _IOWR(0xFF, 11, struct pidfd_info_v0)

int pin_check_procfs(int procfd)
{
	return presence_check_proc(procfd);
}

/* The call itself knows no EPERM: that is a filter's (seccomp(2)), as some engines have it */
int pin_number(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0)
		return (int)fd;
	if (errno == ENOENT) /* since Linux 6.15 for EINVAL */
		return -EINVAL;
	return errno == ENOSYS || errno == EPERM ? -EOPNOTSUPP : -errno;
}

int pin_check(void)
{
	auto_close int self = pin_number(getpid());

	if (self < 0)
		return self;
	return pin_signal(self, 0) < 0 ? -EOPNOTSUPP : 0;
}

int pin_open(int procfd, const struct process *p, struct process *ret_now)
{
	auto_close int fd = pin_number(p->pid);
	struct process now = *p;
	int r;

	if (fd < 0)
		return take_fd(&fd);
	r = proc_stat_read_pid(procfd, p->pid, &now);
	if (r == -ESRCH)
		return pin_is_reaped(fd) ? -ESRCH : -ENOENT;
	if (r < 0)
		return r;
	if (!process_is_same(&now, p) || pin_is_reaped(fd))
		return -ESRCH;
	if (ret_now)
		*ret_now = now;
	return take_fd(&fd);
}

int pin_signal(int pidfd, int signal)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0)
		return 0;
	switch (errno) {
	case ESRCH:
		return -ESRCH;
	case EPERM:
		return -EACCES;
	default:
		return -EOPNOTSUPP;
	}
}

bool pin_is_reaped(int pidfd)
{
	return pin_signal(pidfd, 0) == -ESRCH;
}

pid_t pin_pid(int pidfd)
{
	struct pidfd_info_v0 info = { 0 };
	char path[48], text[1024], *line;
	long pid;

	if (ioctl(pidfd, PIDFD_GET_INFO_V0, &info) == 0)
		return (pid_t)info.pid;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if (file_read_at(AT_FDCWD, path, text, sizeof(text)) < 0)
		return 0;
	line = strstr(text, "\nPid:");
	pid = line ? strtol(line + strlen("\nPid:"), NULL, 10) : 0;
	return pid > 0 ? (pid_t)pid : 0; /* -1: reaped */
}

/* From /proc/PID/stat of the same process; -1: not known */
static pid_t stat_parent(int procfd, int pidfd)
{
	struct process now = { 0 };

	if (procfd < 0 || proc_stat_read_pid(procfd, pin_pid(pidfd), &now) < 0 ||
	    pin_is_reaped(pidfd))
		return -1;
	return now.ppid;
}

pid_t pin_parent(int procfd, int pidfd)
{
	struct pidfd_info_v0 info = { 0 };

	if (ioctl(pidfd, PIDFD_GET_INFO_V0, &info) == 0)
		return (pid_t)info.ppid;
	return stat_parent(procfd, pidfd);
}

/* Those that poll(2) tells of, or with try those that signal 0 tells of */
static int close_reaped(int *pidfds, const struct pollfd *polled, size_t n, bool try)
{
	int reaped = 0;

	for (size_t i = 0; i < n; i++) {
		if (pidfds[i] < 0 || !(try ? pin_is_reaped(pidfds[i]) : polled[i].revents))
			continue;
		close(pidfds[i]);
		pidfds[i] = -1;
		reaped++;
	}
	return reaped;
}

static int until(int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_ns(CLOCK_MONOTONIC);

	return left <= 0 ? 0 : (int)((left + 999999) / 1000000);
}

int pin_await_reaped(int *pidfds, size_t n, int watched, unsigned ms)
{
	int64_t deadline = clock_ns(CLOCK_MONOTONIC) + (int64_t)ms * 1000000;
	auto_free struct pollfd *polled = xcalloc(n + 1, sizeof(*polled));
	int slice = FIRST_SLICE_MS;

	/* POLLIN would report a zombie at once and always; POLLHUP needs no asking for */
	for (size_t i = 0; i < n; i++)
		polled[i] = (struct pollfd){ .fd = pidfds[i] };
	polled[n] = (struct pollfd){ .fd = watched, .events = POLLIN };
	for (;;) {
		int left = until(deadline);
		bool told = poll(polled, n + 1, left < slice ? left : slice) > 0;
		int reaped = close_reaped(pidfds, polled, n, !told);

		if (reaped > 0)
			return reaped;
		if (told && polled[n].revents)
			return -ESRCH;
		if (left == 0)
			return 0;
		slice = slice * 2 < LONGEST_SLICE_MS ? slice * 2 : LONGEST_SLICE_MS;
	}
}

int pin_await_end(int pidfd, unsigned ms)
{
	int64_t deadline = clock_ns(CLOCK_MONOTONIC) + (int64_t)ms * 1000000;
	struct pollfd polled = { .fd = pidfd, .events = POLLIN };

	for (;;) {
		int left = until(deadline);

		if (poll(&polled, 1, left) > 0)
			return 0;
		if (left == 0)
			return -ETIMEDOUT;
	}
}
