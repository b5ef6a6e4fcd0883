/* SPDX-License-Identifier: MIT */
/*
 * A zombie that its tracer has not waited for.
 * --how other: the tracer is another child of the parent, which only sleeps (default);
 * --how stranger: the same, but the tracer is no kin of the two;
 * --how waiting: the same, and the parent sits in wait4(-1), which cannot take it;
 * --how self: the parent is the tracer itself, so that a plain wait would take the zombie.
 */
#include <sys/mman.h>
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

/* Between the parent and a tracer that is no kin */
static struct {
	struct zoo_gate born, seized;
	pid_t *victim; /* shared */
} stranger;

static void trace(void)
{
	zoo_say_me("tracer", "S", -1);
	zoo_gate_wait(stranger.born);
	seize(*stranger.victim);
	zoo_gate_open(stranger.seized);
	zoo_rest();
}

static void have_it_traced(pid_t victim)
{
	*stranger.victim = victim;
	zoo_gate_open(stranger.born);
	zoo_gate_wait(stranger.seized);
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
	else if (zoo_how("stranger"))
		have_it_traced(victim);
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
	if (zoo_how("stranger")) {
		stranger.born = zoo_gate_new();
		stranger.seized = zoo_gate_new();
		stranger.victim = mmap(NULL, sizeof(pid_t), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (stranger.victim == MAP_FAILED)
			zoo_die("mmap");
		zoo_actor(trace);
	}
	zoo_actor(play);
	return zoo_keep();
}
