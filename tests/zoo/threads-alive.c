/* SPDX-License-Identifier: MIT */
/*
 * Zombies that no wait can take yet: the leader has called pthread_exit, another thread lives on.
 * --count N: so many of them; --plain N: and so many ordinary zombies of the same parent.
 * --init: each is the init of a PID namespace of its own. --block N: the thread blocks that signal;
 * --catch N: it has a handler for it. --disk DIR: it opens a file of a disk that does not answer, there.
 * --v1 ROOT, --v2 ROOT: it is in a frozen cgroup, by the freezer mounted there.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "zoo.h"

static char path[64];

static const char *root(void)
{
	return zoo_text("--v1", zoo_text("--v2", NULL));
}

static void on_signal(int number)
{
	(void)number;
}

static void *open_file(void *unused)
{
	if (chdir(zoo_text("--disk", "")) == 0)
		(void)!open("file", O_RDONLY | O_CLOEXEC);
	return unused;
}

static void set_up(void)
{
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, (int)zoo_number("--block", SIGWINCH));
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (zoo_flag("--disk") && pthread_create(&thread, NULL, open_file, NULL))
		zoo_die("pthread_create");
}

static void leave_a_thread(struct zoo_gate said)
{
	if (root())
		zoo_cgroup_join(root(), path);
	if (zoo_flag("--catch"))
		signal((int)zoo_number("--catch", 0), on_signal);
	zoo_say_me("zombies[]", "Z", -1);
	zoo_thread(set_up);
	zoo_gate_open(said);
	pthread_exit(NULL);
}

static void play(void)
{
	struct zoo_gate asked = { { -1, -1 } };

	zoo_say_me("parent", "S", -1);
	if (zoo_flag("--disk"))
		asked = zoo_disk(zoo_text("--disk", ""));
	for (long i = 0; i < zoo_number("--count", 1); i++) {
		struct zoo_gate said = zoo_gate_new();
		pid_t pid = zoo_clone(zoo_flag("--init") ? CLONE_NEWPID : 0, SIGCHLD);

		if (pid == 0)
			leave_a_thread(said);
		zoo_gate_wait(said);
		/* the keeper looks at it, too; but the freezer must not be first */
		if (root())
			zoo_await_state(pid, "Z");
	}
	if (zoo_flag("--disk"))
		zoo_gate_wait(asked);
	zoo_zombies(zoo_number("--plain", 0));
	zoo_rest();
}

/* An actor of its own, outside of the cgroup */
static void freeze(void)
{
	const bool v2 = zoo_flag("--v2");
	int looks = 0;

	zoo_say_text("cgroup", path);
	zoo_cgroup_write(root(), path, v2 ? "cgroup.freeze" : "freezer.state", v2 ? "1" : "FROZEN");
	while (!zoo_cgroup_holds(root(), path, v2 ? "cgroup.events" : "freezer.state",
				 v2 ? "frozen 1" : "FROZEN"))
		zoo_look_again(&looks, "a frozen cgroup");
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (!root()) {
		zoo_actor(play);
		return zoo_keep();
	}
	snprintf(path, sizeof(path), "coroner-zoo-threads-%d", getpid());
	zoo_cgroup_make(root(), path);
	zoo_cgroup_guard();
	zoo_actor(play);
	zoo_await_ready(1);
	zoo_actor(freeze);
	return zoo_keep();
}
