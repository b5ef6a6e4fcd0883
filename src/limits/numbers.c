/* SPDX-License-Identifier: MIT */
#include "limits/numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/base.h"
#include "base/file.h"
#include "inspect/text/status.h"
#include "limits/kernel.h"

_Static_assert(ARRAY_SIZE(((struct pidns_numbers *)0)->low) == RESERVED_PIDS, "one per number");

struct set {
	pid_t *v;
	size_t n, cap;
};

static void set_add(struct set *s, pid_t pid)
{
	/* 0: it has no number at that level */
	if (pid <= 0)
		return;
	ARRAY_GROW(s->v, s->n, s->cap);
	s->v[s->n++] = pid;
}

static int compare(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Each number once */
static void set_unique(struct set *s)
{
	size_t kept = 0;

	if (s->n == 0)
		return;
	qsort(s->v, s->n, sizeof(*s->v), compare);
	for (size_t i = 1; i < s->n; i++)
		if (s->v[i] != s->v[kept])
			s->v[++kept] = s->v[i];
	s->n = kept + 1;
}

static void mark_low(struct pidns_numbers *numbers, pid_t pid)
{
	if (pid >= RESERVED_PIDS || numbers->low[pid])
		return;
	numbers->low[pid] = true;
	numbers->used_low++;
}

static void mark(struct pidns_numbers *numbers, pid_t pid, uint64_t max)
{
	mark_low(numbers, pid);
	numbers->used_high += (uint64_t)pid >= max;
}

/* How many threads of a process have a number from max up, its leader apart */
static int count_high_threads(const struct census *c, pid_t pid, uint64_t max, uint64_t *count)
{
	auto_free char *path = xasprintf("%d/task", pid);
	auto_dir DIR *dir = file_list_at(c->procfd, path);
	const struct dirent *entry;

	if (!dir)
		return file_error(errno);
	while ((entry = readdir(dir))) {
		long tid = strtol(entry->d_name, NULL, 10);

		*count += tid > 0 && tid != pid && (uint64_t)tid >= max;
	}
	return 0;
}

static int count_high(const struct census *c, uint64_t max, uint64_t *count)
{
	for (size_t i = 0; i < c->n && max < PID_MAX_LIMIT; i++) {
		const struct process *p = &c->procs[i];
		int r = 0;

		*count += (uint64_t)p->pid >= max;
		if (p->threads > 1)
			r = count_high_threads(c, p->pid, max, count);
		if (r < 0 && r != -ESRCH)
			return r;
	}
	return 0;
}

/* A group or session whose number no process has: it alone keeps the number taken */
static bool is_leaderless(const struct census *c, const struct process *p, pid_t number)
{
	return number != p->pid && !census_find(c, number);
}

int pidns_numbers_own(const struct census *c, uint64_t max, struct pidns_numbers *ret)
{
	struct pidns_numbers numbers = { 0 };
	struct set leaderless = { 0 };
	int r;

	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i];

		numbers.used += p->threads;
		if (is_leaderless(c, p, p->pgrp))
			set_add(&leaderless, p->pgrp);
		if (is_leaderless(c, p, p->sid))
			set_add(&leaderless, p->sid);
	}
	set_unique(&leaderless);
	numbers.used += leaderless.n;
	for (size_t i = 0; i < leaderless.n; i++)
		mark(&numbers, leaderless.v[i], max);
	free(leaderless.v);
	r = count_high(c, max, &numbers.used_high);
	if (r < 0)
		return r;
	/* threads are not listed in /proc, but can be looked up there by their number */
	for (pid_t pid = 1; pid < RESERVED_PIDS; pid++) {
		char name[16];

		snprintf(name, sizeof(name), "%d", pid);
		if (faccessat(c->procfd, name, F_OK, 0) == 0)
			mark_low(&numbers, pid);
	}
	*ret = numbers;
	return 0;
}

static int add_status(int dir, const char *path, int depth, struct set *s)
{
	static const char *const kinds[] = { "NSpid:", "NSpgid:", "NSsid:" };
	auto_free char *text = NULL;
	size_t len;
	int r = file_slurp_at(dir, path, &text, &len);

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && r == 0; i++)
		set_add(s, proc_status_number(text, len, kinds[i], depth));
	return r;
}

static int add_threads(int procfd, pid_t pid, int depth, struct set *s)
{
	auto_free char *path = xasprintf("%d/task", pid);
	auto_dir DIR *dir = file_list_at(procfd, path);
	const struct dirent *entry;

	if (!dir)
		return file_error(errno);
	while ((entry = readdir(dir))) {
		auto_free char *status = NULL;
		int r;

		if (entry->d_name[0] == '.')
			continue;
		status = xasprintf("%s/status", entry->d_name);
		r = add_status(dirfd(dir), status, depth, s);
		if (r < 0 && r != -ESRCH)
			return r;
	}
	return 0;
}

/* Its number at depth where the census has it, and where none but its own is taken by it; else 0 */
static pid_t known_number(const struct census *c, const struct process *p, int depth)
{
	const struct process_kernel *kernel = census_kernel(c, p);

	if (!kernel || kernel->level != depth || p->threads > 1 || is_leaderless(c, p, p->pgrp) ||
	    is_leaderless(c, p, p->sid))
		return 0;
	return kernel->ns_pid;
}

static int add_numbers(const struct census *c, const struct process *p, int depth, struct set *s)
{
	auto_free char *path = NULL;
	pid_t known = known_number(c, p, depth);

	if (known > 0) {
		set_add(s, known);
		return 0;
	}
	if (p->threads > 1)
		return add_threads(c->procfd, p->pid, depth, s);
	path = xasprintf("%d/status", p->pid);
	return add_status(c->procfd, path, depth, s);
}

int pidns_numbers_inside(const struct census *c, int depth, const uint32_t *members, size_t n,
			 uint64_t max, struct pidns_numbers *ret)
{
	struct pidns_numbers numbers = { 0 };
	struct set s = { 0 };

	for (size_t i = 0; i < n; i++) {
		int r = add_numbers(c, &c->procs[members[i]], depth, &s);

		if (r < 0 && r != -ESRCH) {
			free(s.v);
			return r;
		}
	}
	set_unique(&s);
	for (size_t i = 0; i < s.n; i++)
		mark(&numbers, s.v[i], max);
	numbers.used = s.n;
	free(s.v);
	*ret = numbers;
	return 0;
}
