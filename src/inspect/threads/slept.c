/* SPDX-License-Identifier: MIT */
#include "inspect/threads/slept.h"

#include <inttypes.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "base/duration.h"
#include "base/file.h"

#define NS_PER_MS INT64_C(1000000)
#define SLOP_NS (12 * NS_PER_MS) /* a tick at HZ=100, and the coarseness of births */
#define STEEPEST 2000		 /* NTP steers a clock by one part of that at most: adjtimex(2) */
#define STAT_SIZE 1024
#define SCHED_SIZE 8192
#define PROCESSOR 39 /* of proc_pid_stat(5), the CPU that it ran on last */

/* State and CPU of a task, from its stat; false: it is none that sleeps or is dead */
static bool read_seat(int procfd, const char *base, int *ret_cpu)
{
	char path[64], text[STAT_SIZE];
	const char *at;
	int field = 3;

	snprintf(path, sizeof(path), "%s/stat", base);
	if (file_read_at(procfd, path, text, sizeof(text)) <= 0)
		return false;
	at = strrchr(text, ')');
	if (!at || at[1] != ' ' || !at[2] || !strchr("SDTtZX", at[2]))
		return false;
	for (at += 2; field < PROCESSOR && at; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at && sscanf(at, "%d", ret_cpu) == 1;
}

/* "se.exec_start   :    414493.632438", milliseconds; 0: there is none */
static int64_t read_exec_start(int procfd, const char *base)
{
	char path[64], text[SCHED_SIZE];
	const char *at;
	int64_t ms, ns;

	snprintf(path, sizeof(path), "%s/sched", base);
	if (file_read_at(procfd, path, text, sizeof(text)) <= 0)
		return 0;
	at = strstr(text, "se.exec_start");
	at = at ? strchr(at, ':') : NULL;
	if (!at || sscanf(at, ": %" SCNd64 ".%" SCNd64, &ms, &ns) != 2 || ms < 0 || ns < 0 ||
	    ns >= NS_PER_MS || ms > INT64_MAX / NS_PER_MS - 1)
		return 0;
	return ms * NS_PER_MS + ns;
}

/* What that CPU's clock said at the latest when CLOCK_BOOTTIME was *ret_now; 0: not to be had */
static int64_t clock_of(int procfd, int cpu, int64_t *ret_now)
{
	cpu_set_t before, there;
	int64_t said = 0;

	if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before), &before) < 0)
		return 0;
	CPU_ZERO(&there);
	CPU_SET((size_t)cpu, &there);
	if (sched_setaffinity(0, sizeof(there), &there) < 0)
		return 0;
	said = read_exec_start(procfd, "thread-self");
	*ret_now = clock_ns(CLOCK_BOOTTIME);
	(void)sched_setaffinity(0, sizeof(before), &before); /* allowed a moment ago */
	return said;
}

static int64_t task_left(int procfd, const char *base)
{
	int64_t left, said, now = 0;
	int cpu, again;

	if (!read_seat(procfd, base, &cpu))
		return INT64_MAX;
	left = read_exec_start(procfd, base);
	if (left == 0 || !read_seat(procfd, base, &again) || again != cpu)
		return INT64_MAX;
	said = clock_of(procfd, cpu, &now);
	if (said < left)
		return INT64_MAX;
	return now - (said - left) + (said - left) / STEEPEST + SLOP_NS;
}

/* A tree of files that look like proc has another machine's clocks */
static bool is_proc(int procfd)
{
	struct statfs fs;

	return fstatfs(procfd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int64_t slept_since(const struct census *c, const struct process *p)
{
	auto_dir DIR *tasks = NULL;
	const struct dirent *entry;
	int64_t latest = 0;
	char path[64];

	if (!is_proc(c->procfd))
		return INT64_MAX;
	snprintf(path, sizeof(path), "%d/task", p->pid);
	tasks = file_list_at(c->procfd, path);
	while (tasks && latest < INT64_MAX && (entry = readdir(tasks))) {
		long tid = strtol(entry->d_name, NULL, 10);
		int64_t left;

		if (tid <= 0)
			continue;
		snprintf(path, sizeof(path), "%d/task/%ld", p->pid, tid);
		left = task_left(c->procfd, path);
		latest = left > latest ? left : latest;
	}
	return latest ? latest : INT64_MAX;
}
