/* SPDX-License-Identifier: MIT */
#include "inspect/threads/glimpse.h"

#include <stdio.h>

#include "base/file.h"
#include "census/index.h"
#include "census/proc_stat.h"

#define MOST 1000 /* parents: a file or two each */

/* The third number of schedstat: how often it got a CPU */
static bool read_runs(int procfd, const char *path, uint64_t *ret)
{
	char text[128];
	unsigned long long ran, waited, runs;

	if (file_read_at(procfd, path, text, sizeof(text)) < 0 ||
	    sscanf(text, "%llu %llu %llu", &ran, &waited, &runs) != 3)
		return false;
	*ret += runs;
	return true;
}

static char state_of(int procfd, pid_t tgid, pid_t tid)
{
	struct process p;

	return proc_stat_read_thread(procfd, tgid, tid, &p) == 0 ? p.state : '?';
}

static void keep_held(struct census *c, const struct process *p, pid_t tid, size_t *cap)
{
	char state = tid != p->pid ? state_of(c->procfd, p->pid, tid) : '?';

	if (state != 'T' && state != 't' && state != 'D')
		return;
	ARRAY_GROW(c->held, c->n_held, *cap);
	c->held[c->n_held++] = (struct census_held){ .tgid = p->pid, .tid = tid, .state = state };
}

/* Runs of all its threads together; cap NULL: held is not wanted */
static bool count_runs(struct census *c, const struct process *p, uint64_t *ret, size_t *cap)
{
	auto_dir DIR *tasks = NULL;
	const struct dirent *entry;
	char path[64];
	bool all = true;

	*ret = 0;
	snprintf(path, sizeof(path), p->threads > 1 ? "%d/task" : "%d/schedstat", p->pid);
	if (p->threads <= 1)
		return read_runs(c->procfd, path, ret);
	tasks = file_list_at(c->procfd, path);
	while (tasks && (entry = readdir(tasks))) {
		long tid = strtol(entry->d_name, NULL, 10);

		if (tid <= 0)
			continue;
		snprintf(path, sizeof(path), "%d/task/%ld/schedstat", p->pid, tid);
		all &= read_runs(c->procfd, path, ret);
		if (cap)
			keep_held(c, p, (pid_t)tid, cap);
	}
	return tasks && all;
}

void glimpse_take(struct census *c)
{
	size_t cap = 0, cap_held = 0, n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->procs[i].n_zombies > 0;
	if (c->kernel || n > MOST)
		return;
	for (size_t i = 0; i < c->n; i++) {
		struct census_glimpse glimpse = { .pid = c->procs[i].pid };

		if (c->procs[i].n_zombies == 0 ||
		    !count_runs(c, &c->procs[i], &glimpse.runs, &cap_held))
			continue;
		ARRAY_GROW(c->glimpses, c->n_glimpses, cap);
		c->glimpses[c->n_glimpses++] = glimpse;
	}
	census_sort_held(c);
}

static int compare_pid(const void *key, const void *glimpse)
{
	pid_t a = *(const pid_t *)key, b = ((const struct census_glimpse *)glimpse)->pid;

	return (a > b) - (a < b);
}

enum tri glimpse_ran_since(const struct census *earlier, const struct process *p)
{
	struct census now = { .procfd = earlier->procfd };
	const struct census_glimpse *then;
	uint64_t runs;

	then = earlier->n_glimpses ? bsearch(&p->pid, earlier->glimpses, earlier->n_glimpses,
					     sizeof(*then), compare_pid) :
				     NULL;
	if (!then || !count_runs(&now, p, &runs, NULL))
		return TRI_UNKNOWN;
	return tri_of(runs != then->runs);
}

enum tri glimpse_ran_between(const struct census *c, const struct process *p)
{
	const struct process *before = c->earlier ? census_find(c->earlier, p->pid) : NULL;
	const struct process_kernel *then, *now = census_kernel(c, p);

	if (!before || !process_is_same(before, p))
		return TRI_UNKNOWN;
	then = census_kernel(c->earlier, before);
	if (!now && !then)
		return glimpse_ran_since(c->earlier, p);
	/* 0: a kernel that does not note them */
	return now && then && now->arrivals ? tri_of(now->arrivals != then->arrivals) : TRI_UNKNOWN;
}
