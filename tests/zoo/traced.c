/* SPDX-License-Identifier: MIT */
/*
 * A zombie that its tracer has not waited for.
 * --how other: the tracer is another process, the parent only sleeps (default);
 * --how waiting: the same, and the parent sits in wait4(-1), which cannot take it;
 * --how self: the parent is the tracer itself, so that a plain wait would take the zombie.
 */
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static void seize(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, 0, 0))
		zoo_die("PTRACE_SEIZE");
}

static void start_tracer(pid_t victim)
{
	struct zoo_gate seized = zoo_gate_new();

	if (zoo_fork() == 0) {
		zoo_say_me("tracer", "S", -1);
		seize(victim);
		zoo_gate_open(seized);
		zoo_sleep();
	}
	zoo_gate_wait(seized);
}

static void play(void)
{
	const bool waiting = zoo_how("waiting");
	struct zoo_gate said = zoo_gate_new();
	struct zoo_gate may_die = zoo_gate_new();
	pid_t victim;

	zoo_say_me("parent", "S", waiting ? SYS_wait4 : -1);
	victim = zoo_fork();
	if (victim == 0) {
		zoo_say_me("zombies[]", "Z", -1);
		zoo_gate_open(said);
		zoo_gate_wait(may_die);
		_exit(0);
	}
	zoo_gate_wait(said);
	if (zoo_how("self"))
		seize(victim);
	else
		start_tracer(victim);
	zoo_gate_open(may_die);
	zoo_ready();
	if (waiting)
		wait4(-1, NULL, 0, NULL);
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
