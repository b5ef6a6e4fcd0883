/* SPDX-License-Identifier: MIT */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_THREADS 64
#define MAX_LOOKS 2000 /* at threads that are about to end */

struct crew {
	void (*work)(void *arg);
	void *arg;
};

struct job {
	void (*work)(void *arg, size_t i);
	void *arg;
	size_t n;
	size_t chunk;
	atomic_size_t next;
};

/* A table of its own spares the lock of the shared one at each open, read and close */
static void *help(void *arg)
{
	const struct crew *crew = arg;

	(void)unshare(CLONE_FILES);
	crew->work(crew->arg);
	return NULL;
}

static void take_chunks(void *arg)
{
	struct job *job = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&job->next, job->chunk);
		size_t end = i + job->chunk < job->n ? i + job->chunk : job->n;

		if (i >= job->n)
			return;
		for (; i < end; i++)
			job->work(job->arg, i);
	}
}

static size_t count_threads(size_t n, size_t min_per_thread)
{
	size_t threads = n / min_per_thread, cores;
	cpu_set_t set;

	if (threads < 2 || sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	cores = (size_t)CPU_COUNT(&set);
	threads = threads < cores ? threads : cores;
	return threads < MAX_THREADS ? threads : MAX_THREADS;
}

/* Linux fs/proc/base.c:proc_task_getattr(): so many links more than two */
static bool is_alone(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) < 0 || st.st_nlink <= 3;
}

void parallel_await_end(void)
{
	const struct timespec moment = { .tv_nsec = 50000 };

	for (int looks = 0; !is_alone() && looks < MAX_LOOKS; looks++)
		nanosleep(&moment, NULL);
}

void parallel_run(size_t n, size_t min_per_thread, void (*work)(void *arg), void *arg)
{
	size_t wanted = count_threads(n, min_per_thread), started = 0;
	struct crew crew = { work, arg };
	pthread_t helpers[MAX_THREADS];

	while (started + 1 < wanted && pthread_create(&helpers[started], NULL, help, &crew) == 0)
		started++;
	work(arg);
	while (started > 0)
		pthread_join(helpers[--started], NULL);
}

void parallel_for(size_t n, size_t min_per_thread, void (*work)(void *arg, size_t i), void *arg)
{
	struct job job = { work, arg, n, min_per_thread / 8 + 1, 0 };

	parallel_run(n, min_per_thread, take_chunks, &job);
}
