/* SPDX-License-Identifier: MIT */
/*
 * A process of two threads that was killed, all of which is dead: its "tracer", a sibling, has not waited for the one
 * that it traces, so that no wait takes the main one either. --both: it traces both.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "zoo.h"

static pid_t *thread; /* shared */
static struct zoo_gate up, seized;

static void note_thread(void)
{
	*thread = (pid_t)syscall(SYS_gettid);
	zoo_gate_open(up);
}

static void seize(pid_t tid)
{
	if (ptrace(PTRACE_SEIZE, tid, 0, 0))
		zoo_die("PTRACE_SEIZE");
}

static void be_tracer(pid_t victim)
{
	zoo_say_me("tracer", "S", -1);
	seize(*thread);
	if (zoo_flag("--both"))
		seize(victim);
	zoo_gate_open(seized);
	zoo_sleep();
}

static void play(void)
{
	pid_t victim;

	thread = mmap(NULL, sizeof(*thread), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (thread == MAP_FAILED)
		zoo_die("mmap");
	up = zoo_gate_new();
	seized = zoo_gate_new();
	zoo_say_me("parent", "S", -1);
	victim = zoo_fork();
	if (victim == 0) {
		zoo_say_me("zombies[]", "Z", -1);
		zoo_thread(note_thread);
		zoo_sleep();
	}
	zoo_gate_wait(up);
	if (zoo_fork() == 0)
		be_tracer(victim);
	zoo_gate_wait(seized);
	kill(victim, SIGKILL); /* started above, and not reaped */
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
