/* SPDX-License-Identifier: MIT */
/*
 * A parent with a zombie that its terminal has stopped: it is in the background there, and wanted to read
 * (--how read, default) or to change its settings (--how set); or it reads a pipe, and is not stopped (--how pipe). "shell" leads the session and is in the
 * foreground; with --waits it has waited for the stop, as shells do.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "zoo.h"

_Noreturn static void be_parent(int terminal)
{
	struct termios settings;
	char byte;
	int ends[2];

	if (setpgid(0, 0))
		zoo_die("setpgid");
	zoo_say_me("parent", zoo_how("pipe") ? "S" : "T", zoo_how("pipe") ? SYS_read : -1);
	zoo_zombie(0);
	zoo_ready();
	if (zoo_how("pipe") && pipe2(ends, O_CLOEXEC))
		zoo_die("a pipe");
	for (;;) {
		if (zoo_how("pipe")) {
			(void)!read(ends[0], &byte, 1);
		} else if (zoo_how("set")) {
			tcgetattr(terminal, &settings);
			tcsetattr(terminal, TCSANOW, &settings);
		} else {
			(void)!read(terminal, &byte, 1);
		}
	}
}

static void play(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;
	pid_t parent;

	if (master < 0 || grantpt(master) || unlockpt(master))
		zoo_die("a terminal");
	zoo_say_me("shell", "S", -1);
	if (setsid() < 0)
		zoo_die("setsid");
	terminal = open(ptsname(master), O_RDWR | O_CLOEXEC);
	if (terminal < 0)
		zoo_die("the terminal");
	parent = zoo_fork();
	if (parent == 0)
		be_parent(terminal);
	if (zoo_flag("--waits"))
		waitpid(parent, NULL, WUNTRACED);
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
