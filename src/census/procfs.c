/* SPDX-License-Identifier: MIT */
/*
 * The census from /proc/PID/stat alone: list the PIDs once, then read one file each. The kernel
 * needs some 12 µs for each file and takes no lock that two readers would share, so as many threads
 * as there are cores share the work where there is enough of it.
 */
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/parallel.h"
#include "census/census.h"
#include "census/proc_stat.h"

#define MIN_PER_THREAD 512 /* a thread costs about as much as a few dozen files */

/* What became of one PID, kept in process.state of the ones that could not be read. */
enum {
	LOST_GONE = 1,
	LOST_DENIED,
	LOST_MALFORMED,
	LOST_FAILED, /* no fault of the process: no descriptor, no memory; the errno is in exit_code */
};

static int list_pids(struct census *c)
{
	int fd = openat(c->procfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t cap = 0;

	if (!dir) {
		int r = -errno;

		if (fd >= 0)
			close(fd);
		return r;
	}
	for (;;) {
		const struct dirent *entry;
		pid_t pid = 0;
		const char *s;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		for (s = entry->d_name; *s >= '0' && *s <= '9' && pid < 100000000; s++)
			pid = pid * 10 + (*s - '0');
		if (*s || pid == 0)
			continue;
		ARRAY_GROW(c->procs, c->n, cap);
		c->procs[c->n++] = (struct process){ .pid = pid };
	}
}

static void read_one(int procfd, struct process *p)
{
	char path[32], buf[1024], *s = path + sizeof(path) - sizeof("/stat");
	pid_t pid = p->pid;
	ssize_t n;

	memcpy(s, "/stat", sizeof("/stat"));
	for (pid_t left = pid; left; left /= 10)
		*--s = (char)('0' + left % 10);
	n = file_read_at(procfd, s, buf, sizeof(buf));
	if (n == -EACCES)
		p->state = LOST_DENIED;
	else if (n == -ESRCH)
		p->state = LOST_GONE;
	else if (n == -EMFILE || n == -ENFILE || n == -ENOMEM)
		*p = (struct process){ .state = LOST_FAILED, .exit_code = (int)n };
	else if (n < 0)
		p->state = LOST_MALFORMED;
	else if (proc_stat_parse(buf, (size_t)n, p) < 0 || p->pid != pid)
		p->state = LOST_MALFORMED;
}

static void read_nth(void *arg, size_t i)
{
	struct census *c = arg;

	read_one(c->procfd, &c->procs[i]);
}

static int compare_pids(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int drop_lost(struct census *c)
{
	size_t kept = 0;
	bool sorted = true;

	for (size_t i = 0; i < c->n; i++) {
		switch (c->procs[i].state) {
		case LOST_GONE:
			c->n_gone++;
			continue;
		case LOST_DENIED:
			c->n_denied++;
			continue;
		case LOST_MALFORMED:
			c->n_malformed++;
			continue;
		case LOST_FAILED:
			return c->procs[i].exit_code;
		default:
			break;
		}
		if (kept > 0 && c->procs[kept - 1].pid > c->procs[i].pid)
			sorted = false;
		c->procs[kept++] = c->procs[i];
	}
	c->n = kept;
	/* proc lists PIDs in order; another file system (a copied tree) need not */
	if (!sorted)
		qsort(c->procs, c->n, sizeof(*c->procs), compare_pids);
	return 0;
}

int census_procfs_read(struct census *c)
{
	int r;

	c->source = CENSUS_PROCFS;
	r = list_pids(c);
	if (r < 0)
		return r;
	parallel_for(c->n, MIN_PER_THREAD, read_nth, c);
	r = drop_lost(c);
	if (r < 0)
		return r;
	return c->n == 0 && c->n_denied == 0 ? -ENOENT : 0;
}
