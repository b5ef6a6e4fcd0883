/* SPDX-License-Identifier: MIT */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define MAX_THREADS 64

struct job {
	void (*work)(void *arg, size_t i);
	void *arg;
	size_t n;
	size_t chunk;
	atomic_size_t next;
};

static void *take_chunks(void *arg)
{
	struct job *job = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&job->next, job->chunk);
		size_t end = i + job->chunk < job->n ? i + job->chunk : job->n;

		if (i >= job->n)
			return NULL;
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

void parallel_for(size_t n, size_t min_per_thread, void (*work)(void *arg, size_t i), void *arg)
{
	size_t wanted = count_threads(n, min_per_thread), started = 0;
	struct job job = { work, arg, n, min_per_thread / 8 + 1, 0 };
	pthread_t helpers[MAX_THREADS];

	while (started + 1 < wanted &&
	       pthread_create(&helpers[started], NULL, take_chunks, &job) == 0)
		started++;
	take_chunks(&job);
	while (started > 0)
		pthread_join(helpers[--started], NULL);
}
