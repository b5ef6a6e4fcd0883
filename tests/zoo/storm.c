/* SPDX-License-Identifier: MIT */
/*
 * A bounded fork storm in a PID namespace: --workers N processes (default 8) fork without end;
 * each holds up to --hold N zombies (default 16), then reaps them all. So there are never more than
 * workers * (hold + 1) of them, and hardly any lives for a millisecond.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static void worker(void)
{
	const long hold = zoo_number("--hold", 16);

	for (;;) {
		for (long i = 0; i < hold; i++) {
			pid_t pid = zoo_fork();

			if (pid == 0)
				_exit((int)i);
		}
		while (waitpid(-1, NULL, 0) > 0)
			;
	}
}

static void play(void)
{
	zoo_say_me("init", NULL, -1);
	for (long i = 0; i < zoo_number("--workers", 8); i++)
		if (zoo_fork() == 0)
			worker();
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
