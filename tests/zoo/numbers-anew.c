/* SPDX-License-Identifier: MIT */
/*
 * A PID namespace with some thirty numbers, each given anew as soon as it is free, mostly within one
 * clock tick, and `coroner nudge --all` in it, again and again. By turns a number is that of a parent
 * with a handler and a zombie, and that of a stranger, who is never to get a signal: its zombie, which has
the number of the other's, is one that a plain wait does not see (clone-child).
 * --coroner FILE; --source NAME; --signals N: go on until parents have got so many (default 1000).
 *
 * Holds nothing: prints {"runs", "parents", "strangers": signals that each got, "reuses": how often a
 * stranger was born with the number of a parent in the clock tick of that one's birth} and ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

#define ACTORS 16
#define NUMBERS 40 /* ACTORS, as many zombies, and what coroner takes */
#define FIRST 300  /* Linux kernel/pid.c:RESERVED_PIDS, below which the allocator does not return */
#define SHORT_US 3000
#define PATIENT 6		  /* of the actors: parents that live until they are signalled */
#define TICK_NS INT64_C(10000000) /* of /proc/PID/stat */

static struct {
	atomic_long runs, parents, strangers, reuses;
} * shared;

static struct actor {
	int64_t tick; /* of its birth */
	bool lives, is_parent;
} actors[ACTORS]; /* numbers FIRST, FIRST + 2 ...; that of its zombie follows */

static volatile sig_atomic_t is_parent, signalled;

/* A child's death has si_code CLD_*; what somebody sent has SI_USER. */
static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_code != SI_USER)
		return;
	signalled = 1;
	if (is_parent)
		shared->parents++;
	else
		shared->strangers++;
}

static void pause_us(long us)
{
	struct timespec left = { .tv_nsec = us * 1000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* fork() with a number that is free; -1 where it is not (clone3(2), set_tid) */
static pid_t fork_as(pid_t number, int exit_signal)
{
	struct clone_args args = { .exit_signal = (unsigned)exit_signal,
				   .set_tid = (uintptr_t)&number,
				   .set_tid_size = 1 };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static _Noreturn void act(pid_t self, bool patient, long us)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	pid_t child;

	sigaction(SIGCHLD, &action, NULL);
	child = fork_as(self + 1, is_parent ? SIGCHLD : 0);
	if (child <= 0)
		_exit(0);
	zoo_await_death(child);
	do
		pause_us(us);
	while (patient && !signalled);
	_exit(0);
}

static pid_t nudger_new(void)
{
	const char *coroner = zoo_text("--coroner", "coroner");
	char source[32];
	pid_t pid = fork();
	int null;

	if (pid != 0)
		return pid;
	snprintf(source, sizeof(source), "--source=%s", zoo_text("--source", "auto"));
	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execl(coroner, coroner, "nudge", "--all", "--yes", "--json", "--timeout=0", source, NULL);
	_exit(127);
}

static int64_t tick_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (t.tv_sec * INT64_C(1000000000) + t.tv_nsec) / TICK_NS;
}

static void actors_new(void)
{
	for (pid_t i = 0; i < ACTORS; i++) {
		struct actor *a = &actors[i],
			     next = { .is_parent = i < PATIENT || !a->is_parent, .lives = true };
		long us = random() % SHORT_US;
		pid_t pid;

		is_parent = next.is_parent;
		pid = a->lives ? -1 : fork_as(FIRST + 2 * i, SIGCHLD);
		if (pid == 0)
			act(FIRST + 2 * i, i < PATIENT, us);
		if (pid < 0)
			continue; /* coroner may have it just now */
		next.tick = tick_now();
		if (i >= PATIENT && a->is_parent && a->tick == next.tick)
			shared->reuses++;
		*a = next;
	}
}

static void check_nudger(int status)
{
	errno = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		zoo_die("coroner did not end well");
	shared->runs++;
}

static void play(void)
{
	long wanted = zoo_number("--signals", 1000);
	pid_t nudger = 0;

	while (nudger > 0 || shared->parents < wanted) {
		pid_t ended;
		int status;

		if (nudger <= 0)
			nudger = nudger_new();
		actors_new();
		ended = waitpid(-1, &status, 0);
		if (ended == nudger) {
			check_nudger(status);
			nudger = 0;
		} else if (ended >= FIRST && ended < FIRST + 2 * ACTORS && ended % 2 == 0) {
			/* or a zombie adopted here, or coroner of before: no matter */
			actors[(ended - FIRST) / 2].lives = false;
		}
	}
	printf("{\"runs\":%ld,\"parents\":%ld,\"strangers\":%ld,\"reuses\":%ld}\n",
	       (long)shared->runs, (long)shared->parents, (long)shared->strangers,
	       (long)shared->reuses);
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		zoo_die("mmap");
	return zoo_in_small_pidns(FIRST + NUMBERS, play);
}
