/* SPDX-License-Identifier: MIT */
/*
 * A PID namespace with a /proc of its own, mounted with --hidepid N (default 2): in it a parent of root's
 * with a zombie that exited 5. "parent_inside" and "zombie_inside" are their numbers there.
 */
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "zoo.h"

static void hold(void)
{
	zoo_say_me("parent", "S", -1);
	zoo_say_number("parent_inside", getpid());
	zoo_say_number("zombie_inside", zoo_zombie(5));
	zoo_rest();
}

static void play(void)
{
	char option[32];

	snprintf(option, sizeof(option), "hidepid=%ld", zoo_number("--hidepid", 2));
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, option))
		zoo_die("a proc that hides");
	zoo_say_me("init", NULL, -1);
	if (zoo_fork() == 0)
		hold();
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
