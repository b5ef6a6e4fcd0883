/* SPDX-License-Identifier: MIT */
/*
 * Numbers that change hands under `coroner reap --all`, again and again, mostly within one clock tick. In a PID
 * namespace with few numbers each of several subreapers adopts a zombie, has it for a moment, waits for it, and at
 * once gives its number to a child of its own that is dead as quickly: that one is never to be taken from it.
 * --coroner FILE; --source NAME; --taken N: go on until so many adopted ones were taken (default 200).
 *
 * Holds nothing: prints {"runs", "taken": adopted ones, "stolen": own ones, "reuses": how often an own one was
 * born with the number of an adopted one in the clock tick of that one's birth} and ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

#define PARENTS 8
#define FIRST 300  /* Linux kernel/pid.c:RESERVED_PIDS, below which the allocator does not return */
#define NUMBERS 40 /* two of each parent, and what it starts and coroner takes */
#define LONG_US 100000 /* at most: seen in another clock tick than that of its birth */
#define SHORT_US 8000  /* seen in the same one */
#define OWN_US 4000
#define TICK_NS INT64_C(10000000) /* of /proc/PID/stat */

static struct {
	atomic_long runs, taken, stolen, reuses;
} * shared;

static void pause_us(long us)
{
	struct timespec left = { .tv_nsec = us * 1000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

static int64_t tick_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (t.tv_sec * INT64_C(1000000000) + t.tv_nsec) / TICK_NS;
}

/* fork() with a number that is free; -1 where it is not (clone3(2), set_tid) */
static pid_t fork_as(pid_t number)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uintptr_t)&number,
				   .set_tid_size = 1 };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* Of a session that is nobody's who lives; false: the number is another's just now */
static bool adopt(pid_t number)
{
	pid_t between = fork();
	int status;

	if (between == 0) {
		pid_t orphan;

		setsid();
		orphan = fork_as(number);
		if (orphan > 0)
			zoo_await_death(orphan);
		_exit(orphan < 0);
	}
	return between > 0 && waitpid(between, &status, 0) == between && status == 0;
}

/* Whether nobody else has taken it */
static bool take(pid_t number)
{
	return waitpid(number, NULL, 0) == number;
}

static void turn(pid_t number)
{
	int64_t tick = tick_now();
	pid_t own;

	if (!adopt(number))
		return;
	pause_us(random() % (random() % 4 ? SHORT_US : LONG_US));
	if (!take(number)) {
		shared->taken++;
		return;
	}
	own = fork_as(number);
	if (own == 0)
		_exit(0);
	if (own < 0)
		return;
	shared->reuses += tick == tick_now();
	pause_us(random() % OWN_US);
	shared->stolen += !take(number);
}

static _Noreturn void be_a_parent(pid_t number)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	srandom((unsigned)number);
	for (;;)
		turn(number);
}

static void run_coroner(void)
{
	const char *coroner = zoo_text("--coroner", "coroner");
	char source[32];
	int status, null;
	pid_t pid = fork();

	if (pid < 0)
		return;
	if (pid == 0) {
		snprintf(source, sizeof(source), "--source=%s", zoo_text("--source", "auto"));
		null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl(coroner, coroner, "reap", "--all", "--yes", "--json", source, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	errno = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		zoo_die("coroner did not end well");
	shared->runs++;
}

static void play(void)
{
	long wanted = zoo_number("--taken", 200);

	for (pid_t i = 0; i < PARENTS; i++) {
		pid_t pid = fork_as(FIRST + 2 * i);

		if (pid == 0)
			be_a_parent(FIRST + 2 * i + 1);
		if (pid < 0)
			zoo_die("clone3");
	}
	while (shared->taken < wanted)
		run_coroner();
	printf("{\"runs\":%ld,\"taken\":%ld,\"stolen\":%ld,\"reuses\":%ld}\n", (long)shared->runs,
	       (long)shared->taken, (long)shared->stolen, (long)shared->reuses);
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
