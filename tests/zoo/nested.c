/* SPDX-License-Identifier: MIT */
/*
 * --depth N PID namespaces inside each other; in each, the init holds --count zombies of its own.
 * "inits" goes from the outermost inward; "zombies" lists those of the outermost first.
 */
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "zoo.h"

static long level;

static void play(void)
{
	for (;;) {
		zoo_say_me("inits[]", "S", -1);
		zoo_zombies(zoo_number("--count", 1));
		if (++level >= zoo_number("--depth", 3))
			zoo_rest();
		if (zoo_clone(CLONE_NEWPID, SIGCHLD) != 0)
			zoo_sleep();
	}
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
