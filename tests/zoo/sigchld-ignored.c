/* SPDX-License-Identifier: MIT */
/*
 * Children died first, then the parent began to ignore SIGCHLD (--how ignore, default) or set
 * SA_NOCLDWAIT with the default action (--how nocldwait) or a handler (--how nocldwait-handler).
 */
#include <signal.h>
#include <unistd.h>

#include "zoo.h"

static void on_sigchld(int signal_number)
{
	(void)signal_number;
}

static void play(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };

	zoo_say_me("parent", "S", -1);
	zoo_zombies(zoo_number("--count", 1));
	if (zoo_how("nocldwait-handler"))
		action.sa_handler = on_sigchld;
	if (!zoo_how("nocldwait") && !zoo_how("nocldwait-handler")) {
		action.sa_handler = SIG_IGN;
		action.sa_flags = 0;
	}
	if (sigaction(SIGCHLD, &action, NULL))
		zoo_die("sigaction");
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
