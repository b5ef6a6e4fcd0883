/* SPDX-License-Identifier: MIT */
/*
 * A SIGCHLD handler that leaves zombies. --how one: it takes one child per signal, and the signals
 * of --count children (default 3) were merged into one; --how nothing: it does not wait at all;
 * --how busy: it only tells the program, which would take all of them, but computes.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static volatile sig_atomic_t reaped;

static void take_one(int signal_number)
{
	const int saved = errno;

	(void)signal_number;
	if (waitpid(-1, NULL, WNOHANG) > 0)
		reaped++;
	errno = saved;
}

static void do_nothing(int signal_number)
{
	(void)signal_number;
}

/* Children that are said only if they are to stay: the handler takes the eldest. */
static void play_one(void)
{
	struct sigaction action = { .sa_handler = take_one, .sa_flags = SA_RESTART };
	sigset_t none;
	pid_t first;

	sigaction(SIGCHLD, &action, NULL);
	zoo_block_sigchld();
	first = zoo_fork();
	if (first == 0)
		_exit(0);
	zoo_await_death(first);
	zoo_zombies(zoo_number("--count", 3) - 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (reaped != 1)
		zoo_die("the handler did not run once");
}

static volatile sig_atomic_t told;

static void tell(int signal_number)
{
	(void)signal_number;
	told = 1;
}

_Noreturn static void play_busy(void)
{
	if (nice(19) < 0)
		zoo_die("nice");
	signal(SIGCHLD, tell);
	zoo_zombies(zoo_number("--count", 3));
	zoo_ready();
	/* what comes after it never comes */
	while (told)
		;
	_exit(1);
}

static void play(void)
{
	zoo_say_me("parent", zoo_how("busy") ? "R" : "S", -1);
	if (zoo_how("busy"))
		play_busy();
	if (zoo_how("nothing")) {
		signal(SIGCHLD, do_nothing);
		zoo_zombies(zoo_number("--count", 3));
	} else {
		play_one();
	}
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
