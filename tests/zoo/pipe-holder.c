/* SPDX-License-Identifier: MIT */
/*
 * A "parent" that reads what its child says to the end before it waits; the child is a zombie, and a
 * leftover of it, the "holder", still has the other end. Whoever ends the holder lets the parent reap.
 * All inside a PID namespace whose init reaps what it adopts. "fd" is what the parent reads.
 * --how pipe: read(2) on a pipe, as a shell's $(...) (default); --how fifo: on a named one at --path; --how pty,
 * pts: on the master of a terminal, opened by the node /dev/ptmx or by that in devpts; --how socket: recv(2) on a
 * socketpair; --how poll, select, epoll: on two pipes, as python's communicate(); --also, with poll: and on an
 * eventfd of its own; --kept: it has kept the other end, too; --how splice: into another pipe; --how own: the parent
 * has kept the writing end itself, and nobody else holds one; --how wakeup: it polls a pipe of its own, whose both
 * ends it has, and that is no case: it would not reap after it; --how handler: it reads such a one, which its
 * handler for SIGUSR1 writes to, and reaps then; --how named: it reads a named one at --path that it has opened for
 * both, and reaps then; --session: the holder leads a session of its own, as a daemon does; --thread: a second
 * thread reads, the main one waits for nothing.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static int reads[2], writes[2]; /* the second pair: standard error of a kind */
static int beyond[2];		/* where splice(2) moves it to */
static pid_t child;

_Noreturn static void be_holder(struct zoo_gate up)
{
	prctl(PR_SET_PDEATHSIG, 0);
	if (zoo_flag("--session"))
		setsid();
	zoo_say_me("holder", "S", -1);
	zoo_gate_open(up);
	zoo_sleep();
}

static void write_to_itself(int number)
{
	(void)number;
	(void)!write(writes[0], "x", 1);
}

static bool wakes_itself(void)
{
	return zoo_how("handler") || zoo_how("named");
}

/* Leaves the holder behind, once that has said who it is */
_Noreturn static void be_child(void)
{
	struct zoo_gate up = zoo_gate_new();

	zoo_say_me("zombies[]", "Z", -1);
	if (!zoo_how("own") && !zoo_how("wakeup") && !wakes_itself()) {
		if (zoo_fork() == 0)
			be_holder(up);
		zoo_gate_wait(up);
	}
	_exit(0);
}

static bool is_wide(void)
{
	return zoo_how("poll") || zoo_how("select") || zoo_how("epoll") || zoo_how("wakeup");
}

static void make_terminal(int i)
{
	const int unlocked = 0;
	unsigned number;
	char path[32];

	reads[i] =
		open(zoo_how("pts") ? "/dev/pts/ptmx" : "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (reads[i] < 0 || ioctl(reads[i], TIOCSPTLCK, &unlocked) ||
	    ioctl(reads[i], TIOCGPTN, &number))
		zoo_die("a terminal");
	snprintf(path, sizeof(path), "/dev/pts/%u", number);
	writes[i] = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void make_ends(int i)
{
	int ends[2];

	if (zoo_how("socket") ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) :
				pipe2(ends, O_CLOEXEC))
		zoo_die("two ends");
	reads[i] = ends[0];
	writes[i] = ends[1];
	if (zoo_how("pty") || zoo_how("pts"))
		make_terminal(i);
	if (zoo_how("handler"))
		signal(SIGUSR1, write_to_itself);
	if (zoo_how("named")) {
		if (mkfifo(zoo_text("--path", ""), 0600))
			zoo_die("mkfifo");
		reads[i] = writes[i] = open(zoo_text("--path", ""), O_RDWR | O_CLOEXEC);
	}
	if (!zoo_how("fifo"))
		return;
	if (mkfifo(zoo_text("--path", ""), 0600))
		zoo_die("mkfifo");
	reads[i] = open(zoo_text("--path", ""), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	writes[i] = open(zoo_text("--path", ""), O_WRONLY | O_CLOEXEC);
	fcntl(reads[i], F_SETFL, 0);
}

/* Sleeps until something is there, as the program that it plays does; true: it may be the end */
static bool await_input(void)
{
	struct pollfd all[] = { { reads[0], POLLIN, 0 },
				{ reads[1], POLLIN, 0 },
				{ zoo_flag("--also") ? eventfd(0, EFD_CLOEXEC) : -1, POLLIN, 0 } };
	struct epoll_event event = { .events = EPOLLIN };
	fd_set set;
	int epoll;

	if (zoo_how("poll") || zoo_how("wakeup"))
		return poll(all, 3, -1) > 0;
	if (zoo_how("select")) {
		FD_ZERO(&set);
		FD_SET(reads[0], &set);
		FD_SET(reads[1], &set);
		return select(reads[1] + 1, &set, NULL, NULL, NULL) > 0;
	}
	if (zoo_how("epoll")) {
		epoll = epoll_create1(EPOLL_CLOEXEC);
		for (int i = 0; i < 2; i++)
			epoll_ctl(epoll, EPOLL_CTL_ADD, reads[i], &event);
		return epoll_wait(epoll, &event, 1, -1) > 0;
	}
	return true;
}

static ssize_t take(int fd)
{
	char byte;

	if (zoo_how("splice"))
		return splice(fd, NULL, beyond[1], NULL, 1, 0);
	return zoo_how("socket") ? recv(fd, &byte, 1, 0) : read(fd, &byte, 1);
}

static void *read_to_the_end(void *unused)
{
	(void)unused;
	zoo_ready();
	while (!await_input() || take(reads[0]) > 0)
		if (wakes_itself())
			break;
	/* only its own child is awaited, and by that number */
	waitpid(child, NULL, 0);
	zoo_sleep();
}

static long awaited_call(void)
{
	return zoo_how("poll") || zoo_how("wakeup") ? ZOO_SYS_POLL :
	       zoo_how("select")		    ? -1 :
	       zoo_how("epoll")			    ? -1 :
	       zoo_how("splice")		    ? SYS_splice :
	       zoo_how("socket")		    ? SYS_recvfrom :
						      SYS_read;
}

_Noreturn static void be_parent(void)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, 0);
	zoo_say_me("parent", "S", awaited_call());
	for (int i = 0; i < (is_wide() ? 2 : 1); i++)
		make_ends(i);
	if (zoo_how("splice") && pipe2(beyond, O_CLOEXEC))
		zoo_die("pipe");
	zoo_say_number("fd", reads[0]);
	child = zoo_fork();
	if (child == 0)
		be_child();
	for (int i = 0; i < (is_wide() ? 2 : 1); i++)
		if (!zoo_flag("--kept") && !zoo_how("own") && !zoo_how("wakeup") && !wakes_itself())
			close(writes[i]);
	zoo_await_death(child);
	if (!zoo_flag("--thread"))
		read_to_the_end(NULL);
	if (pthread_create(&thread, NULL, read_to_the_end, NULL))
		zoo_die("pthread_create");
	zoo_sleep();
}

static void play(void)
{
	setsid();
	zoo_say_me("init", "S", -1);
	if (zoo_fork() == 0)
		be_parent();
	for (;;)
		if (wait(NULL) < 0)
			zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
