/* SPDX-License-Identifier: MIT */
/*
 * A parent with zombies that shows D: it called vfork, and the child neither execs nor ends.
 * --catch N: it has a handler for signal N. --thread: a second thread called vfork, and shows D. The threads of
 * "--place threads" have called it, too.
 * --again: the child ends soon, the parent waits for it and calls vfork again, and so on: nearly always D.
 */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static char stack[65536] __attribute__((aligned(16)));

static int child_main(void *unused)
{
	(void)unused;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		zoo_die("PR_SET_PDEATHSIG");
	zoo_say_me("child", "S", -1);
	zoo_ready();
	zoo_sleep();
}

static int other_child(void *unused)
{
	(void)unused;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		zoo_die("PR_SET_PDEATHSIG");
	zoo_sleep();
}

static void *call_vfork_too(void *unused)
{
	const size_t size = 65536;
	char *own = aligned_alloc(16, size);

	if (!own || clone(other_child, own + size, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) < 0)
		zoo_die("clone");
	free(own);
	return unused;
}

static int tasks_in_d(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *entry;
	int n = 0;

	if (!tasks)
		zoo_die("/proc/self/task");
	while ((entry = readdir(tasks))) {
		char path[300], state = 0;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/stat", entry->d_name);
		file = atoi(entry->d_name) > 0 ? fopen(path, "re") : NULL;
		if (!file)
			continue;
		n += fscanf(file, "%*d (%*[^)]) %c", &state) == 1 && state == 'D';
		fclose(file);
	}
	closedir(tasks);
	return n;
}

static int brief_main(void *unused)
{
	(void)unused;
	usleep(20000);
	_exit(0);
}

_Noreturn static void vfork_again(void)
{
	zoo_ready();
	for (;;) {
		pid_t child = clone(brief_main, stack + sizeof(stack),
				    CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

		if (child < 0 || waitpid(child, NULL, 0) != child)
			zoo_die("a brief child");
	}
}

static void on_signal(int number)
{
	(void)number;
}

/* A stack of its own for the child, so that it may call functions. It does not outlive the
 * keeper: CLONE_VFORK is killable, and the child is killed by its parent-death signal. */
static void *call_vfork(void *unused)
{
	if (clone(child_main, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) < 0)
		zoo_die("clone");
	return unused;
}

static void play(void)
{
	pthread_t thread;
	int looks = 0;

	zoo_say_me("parent", zoo_flag("--thread") ? "S" : "D", -1);
	zoo_zombies(zoo_number("--count", 1));
	if (zoo_number("--catch", 0))
		(void)signal((int)zoo_number("--catch", 0), on_signal);
	while (zoo_in_threads() && tasks_in_d() < 3)
		zoo_look_again(&looks, "threads in state D");
	if (zoo_flag("--again"))
		vfork_again();
	if (!zoo_flag("--thread"))
		call_vfork(NULL);
	else if (pthread_create(&thread, NULL, call_vfork, NULL))
		zoo_die("pthread_create");
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_placed_threads = call_vfork_too;
	zoo_actor(play);
	return zoo_keep();
}
