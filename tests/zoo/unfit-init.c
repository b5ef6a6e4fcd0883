/* SPDX-License-Identifier: MIT */
/*
 * An adopter that does not reap: zombies of a session that is not its own.
 * --how init: the init of a PID namespace that execs sleep, as in a container (default);
 * --how handler: the same with a SIGCHLD handler that does nothing, and no exec;
 * --how subreaper: a process with PR_SET_CHILD_SUBREAPER;
 * --how lazy: an init that does reap, each of them when two more have died, one every half second.
 * --how leaderless: an init whose main thread has ended while another sleeps on: it is alive;
 * --count N zombies; --own N: and so many zombies that it forked itself.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

static void orphan_main(pid_t middle, struct zoo_gate said)
{
	int looks = 0;

	zoo_say_me("zombies[]", "Z", -1);
	prctl(PR_SET_PDEATHSIG, 0);
	zoo_gate_open(said);
	while (getppid() == middle)
		zoo_look_again(&looks, "an adoption");
	_exit(0);
}

/* The middle process is a session leader, so that the orphan's session is nobody's who lives. */
static void orphan_new(void)
{
	pid_t middle = zoo_fork();

	if (middle == 0) {
		struct zoo_gate said = zoo_gate_new();

		middle = getpid();
		setsid();
		if (zoo_fork() == 0)
			orphan_main(middle, said);
		zoo_gate_wait(said);
		_exit(0);
	}
	waitpid(middle, NULL, 0);
}

/* Ends as an orphan, and says so right before */
static void short_lived(pid_t middle, int to_init)
{
	int looks = 0;

	prctl(PR_SET_PDEATHSIG, 0);
	while (getppid() == middle)
		zoo_look_again(&looks, "an adoption");
	if (write(to_init, "x", 1) != 1)
		zoo_die("tell the init");
	_exit(0);
}

/* The leader of a session, who lives and is no child of the init, so that the adoption is proven */
static void nursery_main(int to_init)
{
	const struct timespec half = { .tv_nsec = 500000000 };

	setsid();
	for (;;) {
		pid_t middle = zoo_fork();

		if (middle == 0) {
			middle = getpid();
			if (zoo_fork() == 0)
				short_lived(middle, to_init);
			_exit(0);
		}
		waitpid(middle, NULL, 0);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &half, NULL);
	}
}

/* Each is taken when the one after the next has come: whoever looks sees one that stays meanwhile */
_Noreturn static void reap_lazily(void)
{
	siginfo_t oldest;
	int fds[2];
	char byte;

	if (pipe(fds))
		zoo_die("pipe");
	if (zoo_fork() == 0) {
		if (zoo_fork() == 0)
			nursery_main(fds[1]);
		zoo_sleep();
	}
	for (int n = 1; read(fds[0], &byte, 1) == 1; n++) {
		if (n == 2)
			zoo_ready();
		/* who was adopted first comes first in the list of children */
		if (n > 2 && waitid(P_ALL, 0, &oldest, WEXITED | WNOHANG))
			zoo_die("waitid");
	}
	zoo_die("the nursery has ended");
}

static void on_sigchld(int signal_number)
{
	(void)signal_number;
}

static void play(void)
{
	const bool stays = zoo_how("handler") || zoo_how("subreaper");
	const bool leaderless = zoo_how("leaderless");

	setsid();
	zoo_say_me("parent", leaderless ? "Z" : "S",
		   leaderless	   ? -1 :
		   zoo_how("lazy") ? SYS_read :
		   stays	   ? ZOO_SYS_PAUSE :
				     SYS_clock_nanosleep);
	if (zoo_how("subreaper") && prctl(PR_SET_CHILD_SUBREAPER, 1))
		zoo_die("PR_SET_CHILD_SUBREAPER");
	if (zoo_how("lazy"))
		reap_lazily();
	for (long i = 0; i < zoo_number("--count", 1); i++)
		orphan_new();
	zoo_zombies(zoo_number("--own", 0));
	if (zoo_how("handler"))
		signal(SIGCHLD, on_sigchld);
	if (leaderless)
		zoo_thread(NULL);
	zoo_ready();
	if (leaderless)
		pthread_exit(NULL);
	if (stays)
		zoo_sleep();
	execlp("sleep", "sleep", "1000000", NULL);
	zoo_die("exec sleep");
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (zoo_how("subreaper"))
		zoo_actor(play);
	else
		zoo_init_actor(play);
	return zoo_keep();
}
