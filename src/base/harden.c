/* SPDX-License-Identifier: MIT */
#include "base/harden.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void harden_against_tracing(bool on)
{
	(void)prctl(PR_SET_DUMPABLE, on ? 0 : 1, 0, 0, 0);
}

void harden_drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)syscall(SYS_capset, &header, none); /* giving up is always allowed */
}

void harden_reap(pid_t child, int ms)
{
	int fd = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	if (fd >= 0) {
		if (poll(&polled, 1, ms) == 0)
			(void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
		close(fd);
	}
	/* ECHILD where SIGCHLD was ignored at our exec: then it is reaped already */
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}
