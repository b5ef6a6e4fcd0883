/* SPDX-License-Identifier: MIT */
/*
 * A process to send SIGTERM, SIGINT and SIGCHLD to ("target"), the init of a PID namespace or, with
 * --plain, a child of one. It writes to --log FILE what came of each: "handled N" or "taken N"; and
 * "pong" for SIGRTMAX, which comes after all that was sent before.
 * --how default: it has no handlers; handler; ignored; blocked; signalfd: blocked, and read from
 * one; sigwait: it blocks all and sits in sigwaitinfo; thread: blocked in the main thread alone;
 * late-sigwait: a second thread waits for what the main one does not block; stopped.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "zoo.h"

static int log_fd;

static void note(const char *what, int number)
{
	char line[32];
	int len = number == SIGRTMAX ? snprintf(line, sizeof(line), "pong\n") :
				       snprintf(line, sizeof(line), "%s %d\n", what, number);

	if (write(log_fd, line, (size_t)len) != len)
		zoo_die("write to the log");
}

static void on_signal(int number)
{
	note("handled", number);
}

static sigset_t three(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	return set;
}

/* One handler at a time, so that the log has the order of arrival */
static void handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigfillset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static void handle_three(void (*handler)(int))
{
	handle(SIGTERM, handler);
	handle(SIGINT, handler);
	handle(SIGCHLD, handler);
}

_Noreturn static void wait_for(const sigset_t *set)
{
	for (;;) {
		int number = sigwaitinfo(set, NULL);

		if (number > 0)
			note("taken", number);
	}
}

_Noreturn static void read_signalfd(const sigset_t *set)
{
	int fd = signalfd(-1, set, SFD_CLOEXEC);
	struct signalfd_siginfo info;

	if (fd < 0)
		zoo_die("signalfd");
	zoo_ready();
	for (;;)
		if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
			note("taken", (int)info.ssi_signo);
}

static void *open_thread(void *unused)
{
	sigset_t set;

	(void)unused;
	sigemptyset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	zoo_ready();
	zoo_sleep();
}

static void *waiting_thread(void *unused)
{
	sigset_t set = three();

	(void)unused;
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	zoo_ready();
	wait_for(&set);
}

static long awaited_syscall(void)
{
	if (zoo_how("sigwait") || zoo_how("late-sigwait"))
		return SYS_rt_sigtimedwait;
	return zoo_how("signalfd") ? SYS_read : ZOO_SYS_PAUSE;
}

static void be_target(void)
{
	sigset_t set = three();
	pthread_t thread;

	log_fd = open(zoo_text("--log", "/dev/null"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
		      0600);
	if (log_fd < 0)
		zoo_die("open the log");
	zoo_say_me("target", zoo_how("stopped") ? "T" : "S",
		   zoo_how("stopped") ? -1 : awaited_syscall());
	handle(SIGRTMAX, on_signal);
	handle_three(SIG_DFL); /* a shell's background job ignores SIGINT */
	if (zoo_how("handler") || zoo_how("thread"))
		handle_three(on_signal);
	if (zoo_how("ignored"))
		handle_three(SIG_IGN);
	if (zoo_how("signalfd") || zoo_how("thread"))
		sigaddset(&set, SIGRTMAX);
	if (zoo_how("sigwait"))
		sigfillset(&set);
	if (!zoo_how("default") && !zoo_how("handler") && !zoo_how("ignored") &&
	    !zoo_how("late-sigwait") && !zoo_how("stopped"))
		sigprocmask(SIG_BLOCK, &set, NULL);
	if (zoo_how("signalfd"))
		read_signalfd(&set);
	if (zoo_how("thread") || zoo_how("late-sigwait")) {
		if (pthread_create(&thread, NULL, zoo_how("thread") ? open_thread : waiting_thread,
				   NULL))
			zoo_die("pthread_create");
		zoo_sleep();
	}
	zoo_ready();
	if (zoo_how("sigwait"))
		wait_for(&set);
	if (zoo_how("stopped"))
		raise(SIGSTOP);
	zoo_sleep();
}

static void play(void)
{
	if (zoo_flag("--plain") && zoo_fork() != 0)
		zoo_sleep();
	be_target();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
