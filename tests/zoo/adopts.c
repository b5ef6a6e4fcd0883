/* SPDX-License-Identifier: MIT */
/*
 * usage: adopts ORDERS COMMAND [ARG...]
 *
 * Runs COMMAND as a subreaper, in this very process, with one child that it does not know of: that reads
 * numbers from the pipe ORDERS and makes so many zombies of it, orphans that are dead already when they are
 * adopted. All exit with 0.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "zoo.h"

_Noreturn static void take_orders(const char *orders, pid_t parent)
{
	char line[32];
	FILE *in;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "makes-orphans");
	setsid();
	in = getppid() == parent ? fopen(orders, "r+e") : NULL; /* it never ends */
	while (in && fgets(line, sizeof(line), in))
		zoo_orphans(strtol(line, NULL, 10), false);
	_exit(0);
}

int main(int argc, char **argv)
{
	pid_t self = getpid();

	if (argc < 3)
		errx(2, "usage: adopts ORDERS COMMAND [ARG...]");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		err(1, "PR_SET_CHILD_SUBREAPER");
	if (fork() == 0)
		take_orders(argv[1], self);
	execvp(argv[2], argv + 2);
	err(1, "%s", argv[2]);
}
