/* SPDX-License-Identifier: MIT */
/*
 * The init of a PID namespace. --how waits: it sits in wait4(-1); --how ignores: it ignores
 * SIGCHLD; --how sigwait: it sits in sigtimedwait and then reaps all, as tini does; --how sleeps:
 * it does nothing (default); --how leaves: it ends at the first SIGCHLD, and waits for nobody; --how
 * stops: it stops the second process that comes into its namespace, for good.
 * --members N children that live, --threads N more threads in each; --orphans N living orphans.
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

static void orphan_main(pid_t middle, struct zoo_gate adopted)
{
	int looks = 0;

	prctl(PR_SET_PDEATHSIG, 0);
	zoo_say_me("orphans[]", "S", -1);
	while (getppid() == middle)
		zoo_look_again(&looks, "an adoption");
	zoo_gate_open(adopted);
	zoo_sleep();
}

static void orphan_new(void)
{
	struct zoo_gate adopted = zoo_gate_new();
	pid_t middle = zoo_fork();

	if (middle == 0) {
		struct zoo_gate said = zoo_gate_new();

		middle = getpid();
		setsid();
		if (zoo_fork() == 0) {
			prctl(PR_SET_PDEATHSIG, 0);
			zoo_gate_open(said);
			orphan_main(middle, adopted);
		}
		zoo_gate_wait(said);
		_exit(0);
	}
	waitpid(middle, NULL, 0);
	zoo_gate_wait(adopted);
}

static void member_main(struct zoo_gate up)
{
	zoo_say_me("members[]", "S", -1);
	for (long i = 0; i < zoo_number("--threads", 0); i++)
		zoo_thread(NULL);
	zoo_gate_open(up);
	zoo_sleep();
}

static void member_new(void)
{
	struct zoo_gate up = zoo_gate_new();

	if (zoo_fork() == 0)
		member_main(up);
	zoo_gate_wait(up);
}

static void reap_by_sigwait(void)
{
	const struct timespec second = { .tv_sec = 1 };
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	zoo_ready();
	for (;;) {
		sigtimedwait(&set, NULL, &second);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
	}
}

static void leave(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

/* Number 2 came from outside, 3 is what that one forks */
static _Noreturn void stop_second(void)
{
	zoo_ready();
	for (;;)
		kill(3, SIGSTOP);
}

static long awaited_syscall(void)
{
	if (zoo_how("stops"))
		return -1;
	if (zoo_how("waits"))
		return SYS_wait4;
	return zoo_how("sigwait") ? SYS_rt_sigtimedwait : ZOO_SYS_PAUSE;
}

static void play(void)
{
	setsid();
	zoo_say_me("init", zoo_how("stops") ? NULL : "S", awaited_syscall());
	for (long i = 0; i < zoo_number("--members", 1); i++)
		member_new();
	for (long i = 0; i < zoo_number("--orphans", 0); i++)
		orphan_new();
	if (zoo_how("ignores"))
		signal(SIGCHLD, SIG_IGN);
	if (zoo_how("leaves"))
		signal(SIGCHLD, leave);
	if (zoo_how("stops"))
		stop_second();
	if (zoo_how("sigwait"))
		reap_by_sigwait();
	zoo_ready();
	while (zoo_how("waits"))
		wait4(-1, NULL, 0, NULL);
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
