/* SPDX-License-Identifier: MIT */
/*
 * SIGCHLD blocked while children die.
 * --how mask: in both threads (default); --how one-thread: in the main thread only, which is not
 * blocked; --how signalfd: blocked, with a signalfd that nobody reads; --how sigwait: a consumer
 * in sigwaitinfo that never calls wait, and shows an empty SigBlk while it sleeps;
 * --how handler: blocked in both threads, with a handler that would reap; --how private: blocked in
 * both, and pending for the main thread alone.
 * --newpidns N as everywhere.
 */
#include <errno.h>
#include <signal.h>
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

static void play(void)
{
	const bool one = zoo_how("one-thread");

	zoo_say_me("parent", "S", zoo_how("sigwait") ? SYS_rt_sigtimedwait : -1);
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
