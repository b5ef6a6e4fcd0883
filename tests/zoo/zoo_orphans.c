/* SPDX-License-Identifier: MIT */
/* Zombies that the caller has adopted. */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static int end_at_once(void *unused)
{
	(void)unused;
	_exit(0);
}

/* As vfork(2): no memory is copied for one that does nothing, and there may be ten thousand of them. */
static pid_t dead_child(void)
{
	static char stack[4096] __attribute__((aligned(16)));
	pid_t child =
		clone(end_at_once, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

	if (child < 0)
		zoo_die("clone");
	return child;
}

static void leave_some(long count, bool said)
{
	setsid();
	for (long i = 0; i < count; i++) {
		pid_t child = said ? zoo_fork() : dead_child();

		if (child == 0) {
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
