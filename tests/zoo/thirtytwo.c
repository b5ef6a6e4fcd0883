/* SPDX-License-Identifier: MIT */
/*
 * A "parent" that runs waits32, a 32-bit program that lies beside this one; --how HOW is its argument.
 * --init: it is the init of a PID namespace.
 */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "zoo.h"

static void play(void)
{
	char self[PATH_MAX] = "", path[PATH_MAX + 16];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		zoo_die("/proc/self/exe");
	snprintf(path, sizeof(path), "%s/waits32", dirname(self));
	zoo_say_me("parent", zoo_how("busy") ? "RS" : "S", -1);
	zoo_ready();
	execl(path, "waits32", zoo_text("--how", "pause"), NULL);
	zoo_die("exec waits32");
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (zoo_flag("--init"))
		zoo_init_actor(play);
	else
		zoo_actor(play);
	return zoo_keep();
}
