/* SPDX-License-Identifier: MIT */
#include "again.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/duration.h"

static void ends(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
}

void again_begin(void)
{
	sigset_t set;

	ends(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL); /* fails for bad arguments alone */
}

int again_wait_and_run(uint64_t every_ms, int64_t began_ms, char **argv)
{
	sigset_t set;

	ends(&set);
	for (;;) {
		int64_t left = began_ms + (int64_t)every_ms - clock_ns(CLOCK_MONOTONIC) / 1000000;
		const struct timespec wait = { left > 0 ? left / 1000 : 0,
					       left > 0 ? left % 1000 * 1000000 : 0 };

		if (sigtimedwait(&set, NULL, &wait) > 0)
			return 0;
		if (errno == EAGAIN)
			break;
	}
	execv("/proc/self/exe", argv);
	return -errno;
}
