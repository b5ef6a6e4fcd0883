/* SPDX-License-Identifier: MIT */
/*
 * An init of a PID namespace ("parent") whose main thread has ended while another lives, and below it one
 * zombie that it adopted: its namespace lives.
 */
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static void play(void)
{
	pid_t middle;

	zoo_say_me("parent", "Z", -1);
	zoo_thread(NULL);
	middle = zoo_fork();
	if (middle == 0) {
		struct zoo_gate said = zoo_gate_new();

		middle = getpid();
		setsid();
		if (zoo_fork() == 0) {
			int looks = 0;

			prctl(PR_SET_PDEATHSIG, 0);
			zoo_say_me("zombies[]", "Z", -1);
			zoo_gate_open(said);
			while (getppid() == middle)
				zoo_look_again(&looks, "an adoption");
			_exit(7);
		}
		zoo_gate_wait(said);
		_exit(0);
	}
	waitpid(middle, NULL, 0);
	zoo_ready();
	pthread_exit(NULL);
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
