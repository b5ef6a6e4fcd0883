/* SPDX-License-Identifier: MIT */
/*
 * A "tracee" that is held by its "tracer" where it ends (PTRACE_EVENT_EXIT): no zombie, and no signal
 * reaches it any more.
 * --how exit: it called exit_group(9) (default); --how exit0: exit_group(0); --how killed: SIGTERM
 * ended it; --how thread: its second thread alone ends, and is held there; --how call: it is held
 * before its exit_group(2) begins, which is no end yet: signals reach it. --count N zombies of the tracee.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static int options = PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL;

static void *one_thread(void *unused)
{
	(void)unused;
	zoo_say_number("thread", gettid());
	raise(SIGSTOP); /* for the tracer to begin */
	syscall(SYS_exit, 0);
	return NULL;
}

_Noreturn static void be_tracee(void)
{
	pthread_t thread;

	zoo_say_me("tracee", zoo_how("thread") ? "S" : "t", zoo_how("thread") ? ZOO_SYS_PAUSE : -1);
	if (zoo_how("thread")) {
		if (pthread_create(&thread, NULL, one_thread, NULL))
			zoo_die("pthread_create");
		zoo_sleep();
	}
	zoo_zombies(zoo_number("--count", 0));
	raise(SIGSTOP);
	if (zoo_how("killed"))
		zoo_sleep();
	syscall(SYS_exit_group, zoo_how("exit0") ? 0 : 9);
	zoo_die("exit_group");
}

/* Waits for a stop of any thread of it, and says of which */
static pid_t await_stop(int *status)
{
	pid_t pid = waitpid(-1, status, __WALL);

	if (pid < 0 || !WIFSTOPPED(*status))
		zoo_die("a stop");
	return pid;
}

static void let_go(pid_t pid, enum __ptrace_request how)
{
	if (ptrace(how, pid, 0, 0))
		zoo_die("ptrace");
}

_Noreturn static void be_tracer(pid_t tracee, struct zoo_gate seized)
{
	int status;
	pid_t pid;

	zoo_say_me("tracer", "S", -1);
	if (zoo_how("thread"))
		options |= PTRACE_O_TRACECLONE;
	if (ptrace(PTRACE_SEIZE, tracee, 0, options))
		zoo_die("PTRACE_SEIZE");
	zoo_gate_open(seized);
	for (;;) {
		pid = await_stop(&status);
		if (status >> 16 == PTRACE_EVENT_EXIT)
			break;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80) ||
		    (zoo_how("call") && pid == tracee && status >> 8 == SIGTRAP))
			break;
		if (zoo_how("killed") && WSTOPSIG(status) == SIGSTOP && kill(tracee, SIGTERM))
			zoo_die("kill");
		if (WSTOPSIG(status) == SIGTERM && ptrace(PTRACE_CONT, pid, 0, SIGTERM) == 0)
			continue;
		let_go(pid, zoo_how("call") ? PTRACE_SYSCALL : PTRACE_CONT);
	}
	zoo_ready();
	zoo_sleep();
}

static void play(void)
{
	struct zoo_gate seized = zoo_gate_new();
	pid_t tracee = zoo_fork();

	if (tracee == 0) {
		zoo_gate_wait(seized);
		be_tracee();
	}
	if (zoo_fork() == 0)
		be_tracer(tracee, seized);
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
