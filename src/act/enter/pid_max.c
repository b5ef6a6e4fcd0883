/* SPDX-License-Identifier: MIT */
#include "act/enter/pid_max.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* None is higher: Linux include/linux/threads.h PID_MAX_LIMIT */
#define HIGHEST (4 * 1024 * 1024)

/* Whether a number is below pid_max */
static bool is_below(pid_t number)
{
	/* an init, which the namespace around always has: this number is taken */
	const pid_t numbers[] = { number, 1 };
	const struct clone_args args = { .exit_signal = SIGCHLD,
					 .set_tid = (uintptr_t)numbers,
					 .set_tid_size = sizeof(numbers) / sizeof(*numbers) };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid >= 0 || errno != EINVAL;
}

int pid_max_of_children(void)
{
	pid_t below = 1, above = HIGHEST;

	/* where the call is refused for another reason, all numbers look alike */
	if (is_below(above))
		return 0;
	/* the kernel's own for a new namespace: most have it, and each look copies our memory */
	if (is_below(above - 1))
		return above;
	if (!is_below(below))
		return 0;
	while (above - below > 1) {
		pid_t middle = below + (above - below) / 2;

		if (is_below(middle))
			below = middle;
		else
			above = middle;
	}
	return above;
}
