/* SPDX-License-Identifier: MIT */
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct node *nodes;
static int self;

_Noreturn void die(const char *what)
{
	fprintf(stderr, "forest: %s: %s\n", what, strerror(errno));
	_exit(1);
}

struct node *nodes_map(void)
{
	nodes = mmap(NULL, MAX_NODES * sizeof(*nodes), PROT_READ | PROT_WRITE, MAP_SHARED,
		     NODE_MEMORY, 0);
	if (nodes == MAP_FAILED)
		die("mmap");
	return nodes;
}

/* A raw clone where there are flags: fork(3) knows no namespaces */
static void spawn(int index, unsigned long flags)
{
	long pid = flags ? syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0) : fork();

	if (pid < 0)
		die("clone");
	if (pid == 0)
		node_run(index);
}

static int open_pidns(const char *of)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/pid", of);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	return fd;
}

static void enter_and_spawn(int index, int init)
{
	char number[16];
	int own = open_pidns("thread-self"), other;

	snprintf(number, sizeof(number), "%d", atomic_load(&nodes[init].pid));
	other = open_pidns(number);
	if (setns(other, CLONE_NEWPID))
		die("setns");
	spawn(index, 0);
	if (setns(own, CLONE_NEWPID))
		die("setns back");
	close(own);
	close(other);
}

static void serve(void);

static void *sleep_on(void *arg)
{
	while (!arg)
		pause();
	return NULL;
}

static void *go_on(void *arg)
{
	(void)arg;
	serve();
	return NULL;
}

static void thread(void *(*start)(void *))
{
	pthread_t id;

	errno = pthread_create(&id, NULL, start, NULL);
	if (errno)
		die("pthread_create");
}

static void mark(unsigned long on)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, on))
		die("PR_SET_CHILD_SUBREAPER");
}

static void on_sigchld(bool ignore, int flags)
{
	struct sigaction action = { .sa_flags = flags };

	action.sa_handler = ignore ? SIG_IGN : SIG_DFL;
	if (sigaction(SIGCHLD, &action, NULL))
		die("sigaction");
}

static void exec_anew(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", self);
	execl("/proc/thread-self/exe", "forest", "--node", number, (char *)NULL);
	die("exec");
}

static void finish(void)
{
	atomic_fetch_add(&nodes[self].done, 1);
}

/* It cannot say so afterwards: the grower looks at the state too */
static void end_leader(void)
{
	bool leader = syscall(SYS_gettid) == getpid();

	finish();
	if (!leader)
		return;
	thread(go_on);
	syscall(SYS_exit, 0);
}

static void carry_out(const struct node *n)
{
	switch (n->order) {
	case ORDER_SPAWN:
		spawn(n->a, 0);
		break;
	case ORDER_SPAWN_INIT:
		spawn(n->a, CLONE_NEWPID);
		break;
	case ORDER_ENTER:
		enter_and_spawn(n->a, n->b);
		break;
	case ORDER_MARK:
	case ORDER_UNMARK:
		mark(n->order == ORDER_MARK);
		break;
	case ORDER_SETSID:
		(void)setsid(); /* EPERM: it leads a group; nothing changes then */
		break;
	case ORDER_SETPGID:
		(void)setpgid(0, 0); /* EPERM: it leads a session */
		break;
	case ORDER_THREAD:
		thread(sleep_on);
		break;
	case ORDER_END_LEADER:
		end_leader();
		return;
	case ORDER_EXEC:
		exec_anew();
		return;
	case ORDER_IGNORE:
		on_sigchld(true, 0);
		break;
	case ORDER_NOCLDWAIT:
		on_sigchld(false, SA_NOCLDWAIT);
		break;
	case ORDER_REAP:
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			continue;
		break;
	case ORDER_PDEATH:
		if (prctl(PR_SET_PDEATHSIG, SIGKILL))
			die("PR_SET_PDEATHSIG");
		break;
	case ORDER_EXIT:
		_exit(0);
	}
	finish();
}

/* The second is for the lifeline alone: an order comes with a signal */
static void serve(void)
{
	const struct timespec second = { .tv_sec = 1 };
	struct node *n = &nodes[self];
	struct pollfd lifeline = { .fd = NODE_LIFELINE };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	for (;;) {
		if (atomic_load(&n->done) != atomic_load(&n->ordered))
			carry_out(n);
		sigtimedwait(&set, NULL, &second);
		if (poll(&lifeline, 1, 0) == 1)
			_exit(0);
	}
}

_Noreturn void node_run(int index)
{
	bool again = atomic_load(&nodes[index].pid) != 0;
	sigset_t all;

	self = index;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (again)
		finish();
	else if (send(NODE_ANNOUNCE, &index, sizeof(index), 0) != (ssize_t)sizeof(index))
		die("announce");
	serve();
	_exit(0);
}
