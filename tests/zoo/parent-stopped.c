/* SPDX-License-Identifier: MIT */
/*
 * A parent with zombies that is stopped. --tracer: not by SIGSTOP (T) but under a tracer (t).
 * --by-thread: the tracer is another thread ("thread") of that process than its main one.
 * As the init of a PID namespace it is stopped from outside of that.
 * --worker: it has a second thread, which the tracer does not hold; those of "--place threads" it holds.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static pid_t tracee;

static void hold_thread(pid_t tid)
{
	if (ptrace(PTRACE_SEIZE, tid, 0, 0) || ptrace(PTRACE_INTERRUPT, tid, 0, 0))
		zoo_die("ptrace");
}

static void hold_others(void)
{
	const struct dirent *entry;
	char path[64];
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", tracee);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		pid_t tid = atoi(entry->d_name);

		if (tid <= 0 || tid == tracee)
			continue;
		hold_thread(tid);
		if (waitpid(tid, NULL, __WALL) != tid)
			zoo_die("a stop");
	}
	if (!tasks || closedir(tasks))
		zoo_die(path);
}

static void hold(void)
{
	hold_thread(tracee);
	if (zoo_in_threads())
		hold_others();
	if (zoo_flag("--by-thread"))
		zoo_say_number("thread", syscall(SYS_gettid));
}

static void tracer_main(pid_t parent)
{
	zoo_say_me("tracer", "S", -1);
	tracee = parent;
	if (zoo_flag("--by-thread"))
		zoo_thread(hold);
	else
		hold();
	zoo_rest();
}

static void play(void)
{
	pid_t parent = getpid();

	zoo_say_me("parent", zoo_flag("--tracer") ? "t" : "T", -1);
	zoo_zombies(zoo_number("--count", 1));
	if (zoo_flag("--worker"))
		zoo_thread(NULL);
	if (!zoo_flag("--tracer")) {
		zoo_ready();
		if (getpid() != 1)
			raise(SIGSTOP);
		zoo_sleep();
	}
	if (zoo_fork() == 0)
		tracer_main(parent);
	zoo_sleep();
}

int main(int argc, char **argv)
{
	pid_t actor;

	zoo_start(argc, argv);
	actor = zoo_actor(play);
	if (!strcmp(zoo_text("--place", ""), "init") && !zoo_flag("--tracer")) {
		zoo_await_ready(1);
		kill(actor, SIGSTOP); /* our own child */
	}
	return zoo_keep();
}
