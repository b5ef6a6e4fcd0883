/* SPDX-License-Identifier: MIT */
/*
 * orphan [--live] N: leaves N processes behind for whoever adopts them, prints their PIDs and exits.
 * They die once adopted, with status 0; with --live they stay until killed.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void be_orphan(pid_t parent, bool live)
{
	const struct timespec look = { .tv_nsec = 2000000 };

	/* an engine's exec waits for the end of its output, not of its process */
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	while (getppid() == parent)
		nanosleep(&look, NULL);
	while (live)
		pause();
	_exit(0);
}

int main(int argc, char **argv)
{
	bool live = argc > 1 && strcmp(argv[1], "--live") == 0;
	long count = argc > 1 + live ? strtol(argv[1 + live], NULL, 10) : 1;
	pid_t parent = getpid();

	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0)
			be_orphan(parent, live);
		if (pid < 0) {
			fprintf(stderr, "orphan: fork %ld: %s\n", i, strerror(errno));
			return 1;
		}
		dprintf(STDOUT_FILENO, "%d\n", pid);
	}
	return 0;
}
