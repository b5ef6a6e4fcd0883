/* SPDX-License-Identifier: MIT */
/*
 * A subreaper that a command runs under, as a shell under `systemd --user` does.
 * --how reaps: it reaps whatever it adopts (default); --how holds: it waits for its command alone.
 * The command follows "--". Ends with the command's status.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

int main(int argc, char **argv)
{
	int at = 1, status = 0;
	pid_t command;

	zoo_start(argc, argv);
	while (at < argc && strcmp(argv[at], "--") != 0)
		at++;
	if (at + 1 >= argc)
		zoo_die("usage: spot [--how reaps|holds] -- COMMAND");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		zoo_die("PR_SET_CHILD_SUBREAPER");
	command = fork();
	if (command < 0)
		zoo_die("fork");
	if (command == 0) {
		execvp(argv[at + 1], &argv[at + 1]);
		zoo_die(argv[at + 1]);
	}
	while (waitpid(zoo_how("holds") ? command : -1, &status, 0) != command)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
