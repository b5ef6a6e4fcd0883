/* SPDX-License-Identifier: MIT */
/*
 * A parent with zombies, one thread of which sits in a wait that does not take them.
 * --how waitpid|waitid|pidfd: waits for one child that lives ("other");
 * --how pgid: wait4 for the process group of that child;
 * --how wstopped: waitid(P_ALL, WSTOPPED) without WEXITED;
 * --how nothread: wait4(-1, __WNOTHREAD) in a second thread, whose own child is "other".
 * --thread: the wait is done by a second thread, the main one sleeps elsewhere; with --main held a tracer holds that
 * one, with --main vfork it is in state D, for it called vfork.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static pid_t other;
static int pidfd = -1;

static void start_other(void)
{
	struct zoo_gate up = zoo_gate_new();

	other = zoo_fork();
	if (other == 0) {
		zoo_say_me("other", "S", -1);
		setpgid(0, 0);
		zoo_gate_open(up);
		zoo_sleep();
	}
	zoo_gate_wait(up);
	zoo_say_number("other_ns_pid", other);
	if (zoo_how("pidfd"))
		pidfd = (int)syscall(SYS_pidfd_open, other, 0);
}

static bool is_waitid(void)
{
	return zoo_how("waitid") || zoo_how("pidfd") || zoo_how("wstopped");
}

_Noreturn static void sit_in_wait(void)
{
	siginfo_t info;

	zoo_ready();
	if (zoo_how("waitid"))
		waitid(P_PID, (id_t)other, &info, WEXITED);
	else if (zoo_how("pidfd"))
		waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
	else if (zoo_how("wstopped"))
		waitid(P_ALL, 0, &info, WSTOPPED);
	else if (zoo_how("pgid"))
		wait4(-other, NULL, 0, NULL);
	else if (zoo_how("nothread"))
		wait4(-1, NULL, __WNOTHREAD, NULL);
	else
		wait4(other, NULL, 0, NULL);
	zoo_die("the wait came back");
}

static void *thread_main(void *unused)
{
	(void)unused;
	if (zoo_how("nothread"))
		start_other();
	sit_in_wait();
}

static bool main_is(const char *what)
{
	return !strcmp(zoo_text("--main", ""), what);
}

static int vfork_child(void *unused)
{
	(void)unused;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		zoo_die("PR_SET_PDEATHSIG");
	zoo_sleep();
}

/* The main thread, once the other one waits */
_Noreturn static void be_main(pid_t parent)
{
	static char stack[65536] __attribute__((aligned(16)));

	if (main_is("vfork"))
		clone(vfork_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	if (main_is("held") && zoo_fork() == 0) {
		zoo_say_me("tracer", "S", -1);
		if (ptrace(PTRACE_SEIZE, parent, 0, 0) || ptrace(PTRACE_INTERRUPT, parent, 0, 0))
			zoo_die("ptrace");
		zoo_sleep();
	}
	zoo_sleep();
}

static void play(void)
{
	pthread_t thread;

	zoo_say_me("parent",
		   main_is("held")  ? "t" :
		   main_is("vfork") ? "D" :
				      "S",
		   is_waitid() ? SYS_waitid : SYS_wait4);
	zoo_zombies(zoo_number("--count", 1));
	if (!zoo_how("nothread"))
		start_other();
	if (!zoo_flag("--thread") && !zoo_how("nothread"))
		sit_in_wait();
	if (pthread_create(&thread, NULL, thread_main, NULL))
		zoo_die("pthread_create");
	be_main(getpid());
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
