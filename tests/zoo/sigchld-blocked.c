/* SPDX-License-Identifier: MIT */
/*
 * SIGCHLD blocked while children die.
 * --how mask: in both threads (default); --how one-thread: in the main thread only, which is not
 * blocked; --how signalfd: blocked, with a signalfd that nobody reads; --how sigwait: a consumer
 * in sigwaitinfo that never calls wait, and shows an empty SigBlk while it sleeps;
 * --how handler: blocked in both threads, with a handler that would reap; --how private: blocked in
 * both, and pending for the main thread alone; --how call: one thread, which blocks it for a call alone, and has a
 * handler: in pselect(2) on a pipe of its own, for a minute, as bash does in read -t.
 * --newpidns N as everywhere.
 */
#include <errno.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static void reap_all(int signal_number)
{
	(void)signal_number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}

static void sit_in_sigwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	zoo_ready();
	for (;;)
		sigwaitinfo(&set, NULL);
}

/* What the deaths have left for the process is taken; one that tgkill sent stays for this thread */
static void have_it_private(void)
{
	const struct timespec none = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigtimedwait(&set, NULL, &none) != SIGCHLD)
		zoo_die("sigtimedwait");
	if (syscall(SYS_tgkill, getpid(), gettid(), SIGCHLD))
		zoo_die("tgkill");
}

static void open_signalfd(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		zoo_die("signalfd");
	zoo_say_number("signalfd", fd);
}

/* "fd" is the pipe's end that it selects */
_Noreturn static void sit_in_pselect(void)
{
	const struct timespec minute = { .tv_sec = 60 };
	sigset_t set;
	fd_set readable;
	int fds[2];

	if (pipe(fds))
		zoo_die("pipe");
	sigprocmask(SIG_BLOCK, NULL, &set);
	sigaddset(&set, SIGCHLD);
	zoo_say_number("fd", fds[0]);
	zoo_ready();
	FD_ZERO(&readable);
	FD_SET(fds[0], &readable);
	pselect(fds[0] + 1, &readable, NULL, NULL, &minute, &set);
	zoo_sleep();
}

static void play_call(void)
{
	zoo_block_sigchld();
	zoo_zombies(zoo_number("--count", 1));
	signal(SIGCHLD, reap_all);
	sit_in_pselect();
}

static void play(void)
{
	const bool one = zoo_how("one-thread");

	zoo_say_me("parent", "S",
		   zoo_how("sigwait") ? SYS_rt_sigtimedwait :
		   zoo_how("call")    ? SYS_pselect6 :
					-1);
	if (zoo_how("call"))
		play_call();
	if (one)
		zoo_thread(NULL);
	zoo_block_sigchld();
	if (!one && !zoo_how("sigwait"))
		zoo_thread(NULL);
	if (zoo_how("handler"))
		signal(SIGCHLD, reap_all);
	if (zoo_how("signalfd"))
		open_signalfd();
	zoo_zombies(zoo_number("--count", 1));
	if (zoo_how("sigwait"))
		sit_in_sigwait();
	if (zoo_how("private"))
		have_it_private();
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
