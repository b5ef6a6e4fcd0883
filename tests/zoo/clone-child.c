/* SPDX-License-Identifier: MIT */
/*
 * A zombie whose exit signal is not SIGCHLD. --signal N: that signal (default 0: none at all);
 * --how waiting: the parent sits in wait4(-1), which passes it over, for a child that lives.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static void play(void)
{
	const bool waiting = zoo_how("waiting");
	pid_t pid;

	zoo_say_me("parent", "S", waiting ? SYS_wait4 : -1);
	signal(SIGUSR1, SIG_IGN);
	for (long i = 0; i < zoo_number("--count", 1); i++) {
		pid = zoo_clone(0, (int)zoo_number("--signal", 0));
		if (pid == 0) {
			zoo_say_me("zombies[]", "Z", -1);
			_exit(0);
		}
		zoo_await_death(pid);
	}
	zoo_zombies(zoo_number("--plain", 0));
	if (waiting)
		zoo_sleeper();
	zoo_ready();
	if (waiting)
		wait4(-1, NULL, 0, NULL);
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
