/* SPDX-License-Identifier: MIT */
/*
 * Zombies that no wait can take yet: the leader has called pthread_exit, another thread lives on.
 * --count N: so many of them; --plain N: and so many ordinary zombies of the same parent.
 * --init: each is the init of a PID namespace of its own.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "zoo.h"

static void leave_a_thread(struct zoo_gate said)
{
	zoo_say_me("zombies[]", "Z", -1);
	zoo_thread(NULL);
	zoo_gate_open(said);
	pthread_exit(NULL);
}

static void play(void)
{
	zoo_say_me("parent", "S", -1);
	for (long i = 0; i < zoo_number("--count", 1); i++) {
		struct zoo_gate said = zoo_gate_new();

		if (zoo_clone(zoo_flag("--init") ? CLONE_NEWPID : 0, SIGCHLD) == 0)
			leave_a_thread(said);
		zoo_gate_wait(said);
	}
	zoo_zombies(zoo_number("--plain", 0));
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
