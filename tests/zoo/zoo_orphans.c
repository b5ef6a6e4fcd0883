/* SPDX-License-Identifier: MIT */
/* Zombies that the caller has adopted. */
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static void leave_some(long count, bool said)
{
	setsid();
	for (long i = 0; i < count; i++) {
		pid_t child = zoo_fork();

		if (child == 0) {
			if (said)
				zoo_say_me("zombies[]", "Z", -1);
			_exit(0);
		}
		zoo_await_death(child);
	}
	_exit(0);
}

void zoo_orphans(long count, bool said)
{
	pid_t middle = zoo_fork();

	if (middle == 0)
		leave_some(count, said);
	waitpid(middle, NULL, 0);
}
