/* SPDX-License-Identifier: MIT */
/*
 * usage: timeit ROUNDS < COMMANDS
 *
 * Reads lines "NAME<TAB>COMMAND", runs the commands in turn, ROUNDS times over, so that each meets
 * the same weather, and prints "NAME<TAB>MEDIAN_US<TAB>BEST_US<TAB>PEAK_KIB<TAB>STATUS<TAB>CPU_US"
 * each.
 * A command is split at blanks, not run by a shell; its output goes to /dev/null. Wall time runs
 * from before the fork to the end; peak memory is ru_maxrss as wait4 tells it; CPU time is the
 * least of the rounds.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_JOBS = 128, MAX_ROUNDS = 101, MAX_WORDS = 32 };

struct job {
	char *name;
	char *words[MAX_WORDS];
	long us[MAX_ROUNDS];
	long peak_kib;
	long cpu_us;
	int status;
};

static struct job jobs[MAX_JOBS];
static size_t job_count;

static void read_jobs(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		struct job *job = &jobs[job_count++];
		char *save = NULL;
		char *word;
		size_t n = 0;

		line[strcspn(line, "\n")] = '\0';
		job->name = strdup(strtok_r(line, "\t", &save));
		while ((word = strtok_r(NULL, " \t", &save)) && n + 1 < MAX_WORDS)
			job->words[n++] = strdup(word);
		if (n == 0 || job_count == MAX_JOBS)
			errx(2, "bad line for %s", job->name);
	}
	free(line);
}

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long us_of(const struct timeval *time)
{
	return time->tv_sec * 1000000 + time->tv_usec;
}

static void run(struct job *job, int round)
{
	long begun = now_us();
	/* vfork: the cost of copying this program does not count */
	pid_t pid = vfork();
	struct rusage usage;
	long cpu;

	if (pid < 0)
		err(1, "vfork");
	if (pid == 0) {
		execvp(job->words[0], job->words);
		_exit(127);
	}
	if (wait4(pid, &job->status, 0, &usage) != pid)
		err(1, "wait4");
	job->us[round] = now_us() - begun;
	cpu = us_of(&usage.ru_utime) + us_of(&usage.ru_stime);
	if (round == 0 || cpu < job->cpu_us)
		job->cpu_us = cpu;
	if (usage.ru_maxrss > job->peak_kib)
		job->peak_kib = usage.ru_maxrss;
}

static int by_size(const void *a, const void *b)
{
	const long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	const int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5;
	int out = dup(STDOUT_FILENO);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (rounds < 1 || rounds > MAX_ROUNDS)
		errx(2, "1 to %d rounds", MAX_ROUNDS);
	read_jobs();
	if (out < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		err(1, "/dev/null");
	for (int round = 0; round < rounds; round++)
		for (size_t i = 0; i < job_count; i++)
			run(&jobs[i], round);
	for (size_t i = 0; i < job_count; i++) {
		struct job *job = &jobs[i];

		qsort(job->us, (size_t)rounds, sizeof(job->us[0]), by_size);
		dprintf(out, "%s\t%ld\t%ld\t%ld\t%d\t%ld\n", job->name, job->us[rounds / 2],
			job->us[0], job->peak_kib,
			WIFEXITED(job->status) ? WEXITSTATUS(job->status) :
						 128 + WTERMSIG(job->status),
			job->cpu_us);
	}
	return 0;
}
