/* SPDX-License-Identifier: MIT */
/*
 * A "parent" that has zombies for a while and then takes them, now this way, now that: what it does next
 * follows from --seed N. It sleeps with a time limit, with a timer's signal, in a wait for one child with another
 * thread beside it, in poll, epoll_wait, read or pause until somebody else wakes it, and runs itself anew in
 * between. It is late for --most MS at most (4000), whether it sleeps at one go or runs meanwhile. --init: it is the init of a PID namespace, and has others' children.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

static unsigned state;
static long most; /* milliseconds */

/* 0 to n - 1 */
static long any(long n)
{
	state = state * 1664525U + 1013904223U;
	return (long)((state >> 8) % (unsigned)n);
}

/* As often short as long */
static long any_ms(void)
{
	long ms = 20;

	while (ms < most && any(5))
		ms *= 2;
	return ms < most ? ms + any(ms) / 2 : most;
}

static void nap(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static void on_signal(int number)
{
	(void)number;
}

/* A child that dies at once, or a stranger that its own parent leaves behind */
static void make_zombie(bool adopted, int exit_signal)
{
	pid_t middle;

	if (!adopted) {
		if (zoo_clone(0, exit_signal) == 0)
			_exit(0);
		return;
	}
	middle = zoo_fork();
	if (middle == 0) {
		middle = getpid();
		if (any(2))
			setsid();
		if (zoo_fork() == 0) {
			int looks = 0;

			prctl(PR_SET_PDEATHSIG, 0);
			while (getppid() == middle)
				zoo_look_again(&looks, "an adoption");
			_exit(0);
		}
		_exit(0);
	}
	waitpid(middle, NULL, 0);
}

/* Somebody who does something to it after that time; returns its end of a socket */
static int start_other(long ms, int signal_number)
{
	const pid_t parent = getpid();
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		zoo_die("socketpair");
	if (zoo_fork() == 0) {
		close(fds[0]);
		nap(ms);
		if (signal_number)
			kill(parent, signal_number);
		else if (write(fds[1], "x", 1) != 1)
			_exit(1);
		zoo_sleep();
	}
	close(fds[1]);
	return fds[0];
}

static void by_timer(long ms)
{
	const struct itimerval once = { .it_value = { ms / 1000, ms % 1000 * 1000 } };

	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &once, NULL);
}

static void by_epoll(int fd)
{
	struct epoll_event in = { .events = EPOLLIN };
	int watch = epoll_create1(EPOLL_CLOEXEC);

	if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, fd, &in))
		zoo_die("epoll");
	epoll_wait(watch, &in, 1, -1);
	close(watch);
}

static void for_one(long ms)
{
	pid_t other = zoo_fork();

	if (other == 0) {
		nap(ms);
		_exit(0);
	}
	waitpid(other, NULL, 0);
}

/* It runs meanwhile, and does not look */
static void in_steps(long ms)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		nap(50);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

static void sleep_somehow(void)
{
	const long ms = any_ms();
	struct pollfd set = { .events = POLLIN };
	char byte;
	int fd = -1;

	switch (any(10)) {
	case 0:
		nap(ms);
		break;
	case 1:
		poll(NULL, 0, (int)ms);
		break;
	case 2:
		by_timer(ms);
		pause();
		break;
	case 3:
		by_epoll(fd = start_other(ms, 0));
		break;
	case 4:
		if (read(fd = start_other(ms, 0), &byte, 1) != 1)
			zoo_die("read");
		break;
	case 5:
		set.fd = fd = start_other(ms, 0);
		poll(&set, 1, -1);
		break;
	case 6:
		signal(SIGUSR1, on_signal);
		fd = start_other(ms, SIGUSR1);
		pause();
		break;
	case 7:
		for_one(ms);
		break;
	case 8:
		in_steps(ms);
		break;
	default:
		by_timer(ms);
		for_one(ms + 300);
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void *run_often(void *unused)
{
	for (;;)
		nap(20);
	return unused;
}

static void reap_all(void)
{
	while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
}

/* The same program, which knows what it has: its seed */
static void begin_anew(void)
{
	char seed[24], longest[24];

	snprintf(seed, sizeof(seed), "%u", state);
	snprintf(longest, sizeof(longest), "%ld", most);
	execl("/proc/self/exe", "whim", "--anew", seed, "--most", longest,
	      zoo_flag("--init") ? "--init" : NULL, NULL);
	zoo_die("exec");
}

_Noreturn static void live(void)
{
	const bool adopts = zoo_flag("--init");
	pthread_t thread;

	if (any(4) == 0 && pthread_create(&thread, NULL, run_often, NULL))
		zoo_die("pthread_create");
	for (;;) {
		const int exit_signal = any(6) ? SIGCHLD : 0;

		for (long n = any(3); n >= 0; n--)
			make_zombie(adopts && any(3), exit_signal);
		if (any(5) == 0)
			begin_anew();
		sleep_somehow();
		reap_all();
	}
}

static void play(void)
{
	zoo_say_me("parent", NULL, -1);
	zoo_ready();
	live();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	most = zoo_number("--most", 4000);
	if (zoo_flag("--anew")) {
		state = (unsigned)zoo_number("--anew", 1);
		if (any(2))
			prctl(PR_SET_NAME, "whim");
		/* what it made before it has not forgotten */
		sleep_somehow();
		reap_all();
		live();
	}
	state = (unsigned)zoo_number("--seed", 1) * 2654435761U;
	if (zoo_flag("--init"))
		zoo_init_actor(play);
	else
		zoo_actor(play);
	return zoo_keep();
}
