/* SPDX-License-Identifier: MIT */
/*
 * A parent with a zombie in given cgroups, as a container engine would put it there.
 * --path ROOT:CGROUP, repeated: ROOT is a mounted hierarchy, CGROUP a path below it.
 * --init: the parent is the init of a PID namespace.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "zoo.h"

static bool next_path(int index, char *root, size_t size, const char **cgroup)
{
	const char *path = zoo_nth("--path", index);
	const char *colon = path ? strchr(path, ':') : NULL;

	if (!colon)
		return false;
	snprintf(root, size, "%.*s", (int)(colon - path), path);
	*cgroup = colon + 1;
	return true;
}

static void play(void)
{
	const char *cgroup;
	char root[256];

	for (int i = 0; next_path(i, root, sizeof(root), &cgroup); i++)
		zoo_cgroup_join(root, cgroup);
	zoo_say_me("parent", "S", -1);
	zoo_zombies(zoo_number("--count", 1));
	zoo_rest();
}

int main(int argc, char **argv)
{
	const char *cgroup;
	char root[256];

	zoo_start(argc, argv);
	for (int i = 0; next_path(i, root, sizeof(root), &cgroup); i++)
		zoo_cgroup_make(root, cgroup);
	zoo_cgroup_guard();
	if (zoo_flag("--init"))
		zoo_init_actor(play);
	else
		zoo_actor(play);
	return zoo_keep();
}
