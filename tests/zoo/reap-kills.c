/* SPDX-License-Identifier: MIT */
/*
 * usage: reap-kills CORONER KILLS [coroner|hand] [SEED] [ZOMBIES]
 *
 * Kills `coroner reap` at random instants while it works on a parent that never stops checking itself:
 * results of calls, every register around them, sums. "hand": not coroner is killed but the child that holds
 * the thread, and coroner says then whether its call may be lost. Prints one line of JSON: kills, how
 * many of them while the parent was held, how many did harm; what was broken of the parent, which of its calls
 * came back with EINTR, and which with anything else that is wrong; how many kills coroner told it of, and how
 * many did harm without that ("untold"). Its status is 0 whatever that is.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"
#include "zoo_checked.h"

enum { STUCK_MS = 10000 };

static long zombies = 150; /* a batch */

static struct checked *shared;

static struct {
	pid_t parent;
	int order;  /* a byte to it: more zombies */
	int answer; /* what coroner writes */
} now;

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void start_parent(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		zoo_die("pipe");
	memset(shared, 0, sizeof(*shared));
	now.parent = fork();
	if (now.parent == 0) {
		close(fds[1]);
		checked_parent(shared, zombies, fds[0]);
	}
	close(fds[0]);
	now.order = fds[1];
}

static void end_parent(void)
{
	close(now.order);
	kill(now.parent, SIGKILL); /* our own child, not waited for */
	waitpid(now.parent, NULL, 0);
	while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
}

static long status_number(pid_t pid, const char *name, int base)
{
	char path[48], line[256];
	long value = -1;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, name, strlen(name)))
			value = strtol(line + strlen(name), NULL, base);
	if (in)
		fclose(in);
	return value;
}

static bool is_held(void)
{
	return status_number(now.parent, "TracerPid:", 10) > 0;
}

static pid_t child_of(pid_t pid)
{
	char path[64], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '\0';
	if (fd >= 0)
		close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

static void more_zombies(void)
{
	uint32_t made = shared->made;

	if (write(now.order, "m", 1) != 1)
		zoo_die("order");
	while (shared->made == made)
		usleep(500);
}

static pid_t start_coroner(const char *coroner)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%d", now.parent);
	if (ftruncate(now.answer, 0) || lseek(now.answer, 0, SEEK_SET))
		zoo_die("memfd");
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(now.answer, STDOUT_FILENO) < 0 || !freopen("/dev/null", "w", stderr))
		_exit(127);
	execl(coroner, "coroner", "reap", "--yes", "--source=procfs", number, NULL);
	_exit(127);
}

/* Does coroner say that the thread may have lost its call? */
static bool is_told(void)
{
	static char text[4096];
	ssize_t n = pread(now.answer, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return strstr(text, "may have lost the call") != NULL;
}

static bool has_ended(pid_t child)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

/* Half of the kills anywhere, half, and those of the hand, while the parent is held */
static void wait_a_while(pid_t coroner, bool hand, long whole_us)
{
	int64_t until = now_us() + 500000 + whole_us;

	if (!hand && rand() % 2) {
		usleep((useconds_t)(rand() % whole_us));
		return;
	}
	while (!is_held() && now_us() < until && !has_ended(coroner))
		;
	for (until = now_us() + rand() % 2500; now_us() < until;)
		;
}

/* Whether it goes on at all, twice round at least */
static bool goes_on(void)
{
	uint64_t rounds = shared->rounds;
	int64_t until = now_us() + STUCK_MS * 1000;

	while (shared->rounds < rounds + 2) {
		if (now_us() > until || has_ended(now.parent))
			return false;
		usleep(500);
	}
	return true;
}

static struct {
	long kills, held, harmed, told, untold;
	uint64_t broken, interrupted, wrong, stuck, masked;
} sum;

static void count(long number, bool ok)
{
	const bool harm = !ok || shared->broken || shared->interrupted || shared->wrong,
		   told = is_told();

	sum.stuck += !ok;
	sum.masked += status_number(now.parent, "SigBlk:", 16) > 0;
	sum.broken += shared->broken;
	sum.interrupted += shared->interrupted;
	sum.wrong += shared->wrong;
	sum.harmed += harm;
	sum.told += told;
	sum.untold += harm && !told;
	if (harm)
		fprintf(stderr,
			"kill %ld: broken %lu interrupted %lu wrong %lu kind %d result %ld ok %d told %d\n",
			number, (unsigned long)shared->broken, (unsigned long)shared->interrupted,
			(unsigned long)shared->wrong, shared->last_kind, (long)shared->last_result,
			ok, told);
	shared->broken = shared->interrupted = shared->wrong = 0;
}

/* Returns whether the parent is still of use */
static bool one_kill(const char *program, bool hand, long number, long whole_us)
{
	pid_t coroner, victim;
	bool ok;

	more_zombies();
	coroner = start_coroner(program);
	wait_a_while(coroner, hand, whole_us);
	victim = hand ? child_of(coroner) : coroner;
	sum.kills += victim > 0;
	sum.held += is_held();
	if (victim > 0)
		kill(victim, SIGKILL); /* our child, or its */
	waitpid(coroner, NULL, 0);
	while (is_held())
		usleep(200);
	ok = goes_on();
	count(number, ok);
	/* a parent of too many zombies takes long to look at */
	return ok && number % 20 != 19;
}

/* How long it takes when it is let be */
static long whole_run_us(const char *program)
{
	int64_t since = now_us();

	waitpid(start_coroner(program), NULL, 0);
	return (long)(now_us() - since) + 1;
}

int main(int argc, char **argv)
{
	const bool hand = argc > 3 && !strcmp(argv[3], "hand");
	const long kills = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	long whole_us;

	if (argc < 3)
		return 2;
	srand(argc > 4 ? (unsigned)atoi(argv[4]) : (unsigned)getpid());
	zombies = argc > 5 ? strtol(argv[5], NULL, 10) : zombies;
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	now.answer = memfd_create("answer", MFD_CLOEXEC);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	start_parent();
	more_zombies();
	whole_us = whole_run_us(argv[1]);
	for (long i = 0; i < kills; i++) {
		if (!one_kill(argv[1], hand, i, whole_us)) {
			end_parent();
			start_parent();
		}
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
	}
	printf("{\"kills\":%ld,\"while_held\":%ld,\"harmed\":%ld,\"broken\":%lu,"
	       "\"interrupted\":%lu,\"wrong\":%lu,"
	       "\"stuck\":%lu,\"masked\":%lu,\"told\":%ld,\"untold\":%ld,\"whole_us\":%ld}\n",
	       sum.kills, sum.held, sum.harmed, (unsigned long)sum.broken,
	       (unsigned long)sum.interrupted, (unsigned long)sum.wrong, (unsigned long)sum.stuck,
	       (unsigned long)sum.masked, sum.told, sum.untold, whole_us);
	end_parent();
	return 0;
}
