/* SPDX-License-Identifier: MIT */
/*
 * The census from /proc/PID/stat alone: list the PIDs once, and read one file each. The kernel
 * needs some 12 µs for each file and takes no lock that two readers would share, so as many threads
 * as there are cores share the work where there is enough of it. Listing alone is a twentieth of it:
 * so whoever sees numbers run out lists some more, while the others read.
 */
#include <errno.h>
#include <pthread.h>

#include "base/decimal.h"
#include "base/file.h"
#include "base/parallel.h"
#include "census/census.h"
#include "census/proc_stat.h"

enum {
	MIN_PER_THREAD = 512, /* a thread costs about as much as a few dozen files */
	LISTED_AT_ONCE = 512,
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
	DIR *dir;	  /* of whoever lists */
	size_t cap;
	size_t next;
	bool listing; /* somebody does */
	bool listed_all;
	int error;
	pthread_mutex_t lock; /* of all above: procs may move while more are listed */
	pthread_cond_t listed;
};

static pid_t pid_of_name(const char *s)
{
	pid_t pid = 0;

	for (; *s >= '0' && *s <= '9' && pid < 100000000; s++)
		pid = pid * 10 + (*s - '0');
	return *s ? 0 : pid;
}

/* Goes without the lock while it lists: others read what was listed before */
static void list_more(struct reading *job)
{
	struct census *c = job->c;
	pid_t pids[LISTED_AT_ONCE];
	const struct dirent *entry;
	size_t n = 0;

	job->listing = true;
	pthread_mutex_unlock(&job->lock);
	do {
		errno = 0;
		entry = readdir(job->dir);
		pids[n] = entry ? pid_of_name(entry->d_name) : 0;
		n += pids[n] > 0;
	} while (entry && n < LISTED_AT_ONCE);
	job->error = entry ? 0 : -errno;
	pthread_mutex_lock(&job->lock);
	while (c->n + n > job->cap)
		ARRAY_GROW(c->procs, job->cap, job->cap);
	memory_ready(&c->procs[c->n], n * sizeof(*c->procs));
	for (size_t i = 0; i < n; i++)
		c->procs[c->n++] = (struct process){ .pid = pids[i] };
	job->listing = false;
	job->listed_all = !entry;
	pthread_cond_broadcast(&job->listed);
}

/* Takes the next to read; lists more before they run out. 0: all are taken. */
static size_t take_some(struct reading *job, size_t *ret_first)
{
	const struct census *c = job->c;
	size_t n;

	for (;;) {
		if (!job->listed_all && !job->listing && c->n - job->next < LISTED_AT_ONCE)
			list_more(job);
		else if (!job->listed_all && job->next == c->n)
			pthread_cond_wait(&job->listed, &job->lock);
		else
			break;
	}
	n = c->n - job->next < READ_AT_ONCE ? c->n - job->next : READ_AT_ONCE;
	*ret_first = job->next;
	job->next += n;
	return n;
}

static void read_one(int procfd, struct process *p)
{
	char path[32], buf[1024], *name = path + sizeof(path) - sizeof("/stat");
	pid_t pid = p->pid;
	ssize_t n;

	memcpy(name, "/stat", sizeof("/stat"));
	n = file_read_at(procfd, decimal_before(name, (uint64_t)pid), buf, sizeof(buf));
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
	size_t first, n;

	pthread_mutex_lock(&job->lock);
	while ((n = take_some(job, &first)) > 0) {
		memcpy(some, &c->procs[first], n * sizeof(*some));
		pthread_mutex_unlock(&job->lock);
		for (size_t i = 0; i < n; i++)
			read_one(c->procfd, &some[i]);
		pthread_mutex_lock(&job->lock);
		memcpy(&c->procs[first], some, n * sizeof(*some));
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
	struct reading job = { .c = c,
			       .dir = dir,
			       .lock = PTHREAD_MUTEX_INITIALIZER,
			       .listed = PTHREAD_COND_INITIALIZER };
	int r;

	c->source = CENSUS_PROCFS;
	if (!dir)
		return -errno;
	pthread_mutex_lock(&job.lock);
	list_more(&job);
	pthread_mutex_unlock(&job.lock);
	parallel_run(job.listed_all ? c->n : SIZE_MAX, MIN_PER_THREAD, read_some, &job);
	r = job.error < 0 ? job.error : drop_lost(c);
	if (r < 0)
		return r;
	return c->n == 0 && c->n_denied == 0 ? -ENOENT : 0;
}
