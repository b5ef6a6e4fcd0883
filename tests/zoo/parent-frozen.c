/* SPDX-License-Identifier: MIT */
/*
 * A parent with zombies in a frozen cgroup. --v1 ROOT: the v1 freezer mounted at ROOT;
 * --v2 ROOT: cgroup.freeze in the v2 tree mounted at ROOT. A first actor is the parent, the keeper
 * freezes. --path NAME names the cgroup. --thread frozen, --thread free: the parent has one more thread, which
 * goes with it, or stays where it was (v1).
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "zoo.h"

static char path[128];

static const char *root(void)
{
	return zoo_text("--v1", zoo_text("--v2", "/sys/fs/cgroup/freezer"));
}

/* Of v1: cgroups(7), "Tasks (threads)" */
static void thread_joins(void)
{
	zoo_cgroup_write(root(), path, "tasks", "0");
}

static void play(void)
{
	const char *thread = zoo_text("--thread", NULL);

	if (thread)
		zoo_thread(strcmp(thread, "free") ? thread_joins : NULL);
	if (thread)
		thread_joins();
	else
		zoo_cgroup_join(root(), path);
	zoo_say_me("parent", zoo_flag("--v2") ? NULL : "D", -1);
	zoo_zombies(zoo_number("--count", 1));
	zoo_rest();
}

/* An actor of its own, outside of the cgroup: freezes the parent once its zombies are there. */
static void freeze(void)
{
	const bool v2 = zoo_flag("--v2");
	int looks = 0;

	zoo_say_text("cgroup", path);
	if (v2)
		zoo_cgroup_write(root(), path, "cgroup.freeze", "1");
	else
		zoo_cgroup_write(root(), path, "freezer.state", "FROZEN");
	while (!zoo_cgroup_holds(root(), path, v2 ? "cgroup.events" : "freezer.state",
				 v2 ? "frozen 1" : "FROZEN"))
		zoo_look_again(&looks, "a frozen cgroup");
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	snprintf(path, sizeof(path), "%s-%d", zoo_text("--path", "coroner-zoo-frozen"), getpid());
	zoo_cgroup_make(root(), path);
	zoo_cgroup_guard();
	zoo_actor(play);
	zoo_await_ready(1);
	zoo_actor(freeze);
	return zoo_keep();
}
