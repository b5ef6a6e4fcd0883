/* SPDX-License-Identifier: MIT */
#include "guard.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/base.h"
#include "base/duration.h"

/* The child: while it hangs it holds nothing open that whoever started us waits for the end of */
static void become_child(pid_t parent, const int outputs[2], const sigset_t *mask)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || dup2(outputs[0], STDOUT_FILENO) < 0 ||
	    dup2(outputs[1], STDERR_FILENO) < 0)
		_exit(1);
	(void)syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0); /* since Linux 5.9 */
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
}

/* Returns false when time is up. SIGCHLD is blocked. */
static bool await_end(pid_t child, uint64_t ms, int *ret_status)
{
	int64_t end = clock_ns(CLOCK_MONOTONIC) + (int64_t)ms * 1000000;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		int64_t left = end - clock_ns(CLOCK_MONOTONIC);
		const struct timespec wait = { left > 0 ? left / 1000000000 : 0,
					       left > 0 ? left % 1000000000 : 0 };

		if (waitpid(child, ret_status, WNOHANG) == child)
			return true;
		if (left <= 0)
			return false;
		(void)sigtimedwait(&set, NULL,
				   &wait); /* a signal, or time is up: both are looked at above */
	}
}

static void copy(int fd, FILE *to)
{
	char some[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, some, sizeof(some), at)) > 0) {
		(void)fwrite(some, 1, (size_t)n, to); /* an error stays in ferror() */
		at += n;
	}
}

enum guard_end guard_begin(uint64_t ms, int *ret)
{
	auto_close int out = memfd_create("stdout", MFD_CLOEXEC),
		       err = memfd_create("stderr", MFD_CLOEXEC);
	pid_t self = getpid(), child;
	sigset_t set, old;
	int status;

	if (out < 0 || err < 0)
		return GUARD_NO_CHILD;
	/* whoever started this may ignore it, and the child's end would go unheard */
	(void)signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, &old); /* cannot fail with these arguments */
	child = fork();
	if (child == 0)
		become_child(self, (const int[]){ out, err }, &old);
	if (child <= 0) {
		(void)sigprocmask(SIG_SETMASK, &old, NULL);
		return child == 0 ? GUARD_LOOK : GUARD_NO_CHILD;
	}
	if (!await_end(child, ms, &status))
		return GUARD_LATE;
	*ret = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	if (!WIFEXITED(status))
		return GUARD_KILLED;
	copy(out, stdout);
	(void)fflush(stdout); /* as above */
	copy(err, stderr);
	return GUARD_DONE;
}
