/* SPDX-License-Identifier: MIT */
/*
 * The census from /proc/PID/stat alone: list the PIDs once, and read one file each. The kernel
 * needs some 12 µs for each file and takes no lock that two readers would share, so as many threads
 * as there are cores share the work where there is enough of it. Listing alone is a twentieth of it:
 * so whoever runs out of numbers lists some more, while the others read.
 */
#include <errno.h>
#include <pthread.h>

#include "base/file.h"
#include "base/parallel.h"
#include "census/census.h"
#include "census/proc_stat.h"

enum {
	MIN_PER_THREAD = 512, /* a thread costs about as much as a few dozen files */
	LISTED_AT_ONCE = 1024,
	READ_AT_ONCE = 64,
};

/* What became of one PID, kept in process.state of the ones that could not be read. */
enum {
	LOST_GONE = 1,
	LOST_DENIED,
	LOST_MALFORMED,
	LOST_FAILED, /* no fault of the process: no descriptor, no memory; the errno is in exit_code */
};

struct reading {
	struct census *c; /* procs: those from next on have their PID alone so far */
	DIR *dir;
	size_t cap;
	size_t next;
	bool listed_all;
	int error;
	pthread_mutex_t lock; /* of all above: procs may move while more are listed */
};

static pid_t pid_of_name(const char *s)
{
	pid_t pid = 0;

	for (; *s >= '0' && *s <= '9' && pid < 100000000; s++)
		pid = pid * 10 + (*s - '0');
	return *s ? 0 : pid;
}

static void list_more(struct reading *job)
{
	struct census *c = job->c;
	size_t enough = c->n + LISTED_AT_ONCE;

	while (c->n < enough && !job->listed_all) {
		const struct dirent *entry;
		pid_t pid;

		errno = 0;
		entry = readdir(job->dir);
		pid = entry ? pid_of_name(entry->d_name) : 0;
		if (!entry) {
			job->error = -errno;
			job->listed_all = true;
		} else if (pid > 0) {
			ARRAY_GROW(c->procs, c->n, job->cap);
			c->procs[c->n++] = (struct process){ .pid = pid };
		}
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

static void read_some(void *arg)
{
	struct reading *job = arg;
	struct census *c = job->c;
	struct process some[READ_AT_ONCE];
	size_t first = 0, n = 0;

	pthread_mutex_lock(&job->lock);
	for (;;) {
		if (n > 0)
			memcpy(&c->procs[first], some, n * sizeof(*some));
		if (job->next == c->n)
			list_more(job);
		first = job->next;
		n = c->n - first < READ_AT_ONCE ? c->n - first : READ_AT_ONCE;
		if (n == 0)
			break;
		job->next += n;
		memcpy(some, &c->procs[first], n * sizeof(*some));
		pthread_mutex_unlock(&job->lock);
		for (size_t i = 0; i < n; i++)
			read_one(c->procfd, &some[i]);
		pthread_mutex_lock(&job->lock);
	}
	pthread_mutex_unlock(&job->lock);
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
	auto_dir DIR *dir = file_list_at(c->procfd, ".");
	struct reading job = { .c = c, .dir = dir, .lock = PTHREAD_MUTEX_INITIALIZER };
	int r;

	c->source = CENSUS_PROCFS;
	if (!dir)
		return -errno;
	list_more(&job);
	parallel_run(job.listed_all ? c->n : SIZE_MAX, MIN_PER_THREAD, read_some, &job);
	r = job.error < 0 ? job.error : drop_lost(c);
	if (r < 0)
		return r;
	return c->n == 0 && c->n_denied == 0 ? -ENOENT : 0;
}
