/* SPDX-License-Identifier: MIT */
/*
 * A second thread stands in wait4(-1) and is stopped there, so that the zombie of its process stays;
 * the main thread is not.
 * --how traced: a tracer has stopped the thread (default); --how job: SIGSTOP has stopped the process,
 * whose main thread has ended, which therefore shows Z.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

/* Stops the thread, or all of them, where it waits; after that the child may die */
_Noreturn static void stopper_main(pid_t parent, pid_t tid, struct zoo_gate may_die)
{
	zoo_say_me("stopper", "S", -1);
	zoo_await_wchan(parent, "do_wait");
	if (zoo_how("job")) {
		kill(parent, SIGSTOP);
		zoo_await_wchan(parent, "do_signal_stop");
	} else if (ptrace(PTRACE_SEIZE, tid, 0, 0) || ptrace(PTRACE_INTERRUPT, tid, 0, 0) ||
		   waitpid(tid, NULL, __WALL) != tid) {
		zoo_die("ptrace");
	}
	zoo_gate_open(may_die);
	zoo_rest();
}

/* It forks the others as well: what zoo_fork() makes ends with the thread that called it */
static void *thread_main(void *unused)
{
	struct zoo_gate said = zoo_gate_new(), may_die = zoo_gate_new();
	pid_t self = getpid(), tid = gettid();

	(void)unused;
	if (zoo_fork() == 0) {
		zoo_say_me("zombies[]", "Z", -1);
		zoo_gate_open(said);
		zoo_gate_wait(may_die);
		_exit(0);
	}
	zoo_gate_wait(said);
	if (zoo_fork() == 0)
		stopper_main(self, tid, may_die);
	wait4(-1, NULL, 0, NULL);
	zoo_die("the wait came back");
	return NULL;
}

static void play(void)
{
	pthread_t thread;

	zoo_say_me("parent", zoo_how("job") ? "Z" : "S", SYS_wait4);
	errno = pthread_create(&thread, NULL, thread_main, NULL);
	if (errno)
		zoo_die("pthread_create");
	if (zoo_how("job"))
		syscall(SYS_exit, 0);
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
