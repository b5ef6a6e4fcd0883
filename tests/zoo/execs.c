/* SPDX-License-Identifier: MIT */
/*
 * A parent that starts --count children (default 2) and then runs another program, sleep(1), above them:
 * they end once it has. --init: it is the init of a PID namespace. --chain: it runs env(1) first. --self: what it
 * runs is this program anew, which sleeps; with --was-exe it had been run by /proc/self/exe, and is called so.
 */
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "zoo.h"

static void child_main(int until, struct zoo_gate said)
{
	char byte;

	zoo_say_me("zombies[]", "Z", -1);
	zoo_gate_open(said);
	/* the other end is closed by the exec */
	if (read(until, &byte, 1) != 0)
		zoo_die("read");
	_exit(3);
}

static void play(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		zoo_die("pipe2");
	if (zoo_flag("--was-exe"))
		prctl(PR_SET_NAME, "exe");
	for (long i = 0; i < zoo_number("--count", 2); i++) {
		struct zoo_gate said = zoo_gate_new();

		if (zoo_fork() == 0) {
			close(fds[1]);
			child_main(fds[0], said);
		}
		zoo_gate_wait(said);
	}
	zoo_say_me("parent", "S", -1);
	zoo_ready();
	if (zoo_flag("--self"))
		execl("/proc/self/exe", "execs", "--asleep", NULL);
	if (zoo_flag("--chain"))
		execlp("env", "env", "sleep", "1000000", NULL);
	execlp("sleep", "sleep", "1000000", NULL);
	zoo_die("exec");
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (zoo_flag("--asleep")) {
		prctl(PR_SET_NAME, "execs");
		zoo_sleep();
	}
	if (zoo_flag("--init"))
		zoo_init_actor(play);
	else
		zoo_actor(play);
	return zoo_keep();
}
