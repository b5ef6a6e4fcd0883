/* SPDX-License-Identifier: MIT */
#include "inspect/details.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/decimal.h"
#include "base/file.h"
#include "census/proc_stat.h"

/* Groups lists may be long, all else of status is short */
#define STATUS_SIZE 8192

/*
 * Where the files of a process are: its pinned directory and no prefix, or proc and its number. The
 * second spares an open, and stands for whoever has the number.
 */
struct place {
	int dir;
	char prefix[12];
};

enum { PLACE_PATH_SIZE = 64 };

static const char *path_at(const struct place *at, const char *name, char path[PLACE_PATH_SIZE])
{
	if (!at->prefix[0])
		return name;
	stpcpy(stpcpy(path, at->prefix), name);
	return path;
}

static ssize_t read_at(const struct place *at, const char *name, char *text, size_t size)
{
	char path[PLACE_PATH_SIZE];

	return file_read_at(at->dir, path_at(at, name, path), text, size);
}

static DIR *list_at(const struct place *at, const char *name)
{
	char path[PLACE_PATH_SIZE];

	return file_list_at(at->dir, path_at(at, name, path));
}

static int open_directory(const struct census *c, const struct process *p)
{
	char path[16];
	int fd;

	snprintf(path, sizeof(path), "%d", p->pid);
	fd = openat(c->procfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? file_error(errno) : fd;
}

int details_pin(const struct census *c, const struct process *p, struct process *ret_fresh)
{
	auto_close int fd = open_directory(c, p);
	struct process fresh = *p;
	char text[1024];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = file_read_at(fd, "stat", text, sizeof(text));
	if (n < 0)
		return (int)n;
	if (proc_stat_parse(text, (size_t)n, &fresh) < 0)
		return -EBADMSG;
	if (!process_is_same(p, &fresh))
		return -ESRCH;
	if (ret_fresh)
		*ret_fresh = fresh;
	return take_fd(&fd);
}

int pidns_read(int dirfd, const char *path, uint64_t *ret_inode)
{
	char target[64];
	unsigned long long inode;
	ssize_t n = readlinkat(dirfd, path, target, sizeof(target) - 1);

	if (n < 0)
		return file_error(errno);
	target[n] = '\0';
	if (sscanf(target, "pid:[%llu]", &inode) != 1)
		return -EBADMSG;
	*ret_inode = inode;
	return 0;
}

/* One set of signals in its memory, /proc/PID/mem */
static int read_sigset(const struct place *at, uint64_t address, uint64_t *ret_set)
{
	char path[PLACE_PATH_SIZE];
	auto_close int fd = openat(at->dir, path_at(at, "mem", path), O_RDONLY | O_CLOEXEC);
	uint64_t set;

	if (fd < 0)
		return file_error(errno);
	if (pread(fd, &set, sizeof(set), (off_t)address) != (ssize_t)sizeof(set))
		return -EACCES;
	*ret_set = set;
	return 0;
}

static void note(struct details *d, unsigned what, int r)
{
	if (r >= 0)
		d->have |= what;
	else if (r == -EACCES)
		d->denied |= what;
}

static int read_status(const struct place *at, const char *name, struct proc_status *ret)
{
	char text[STATUS_SIZE];
	ssize_t n = read_at(at, name, text, sizeof(text));

	return n < 0 ? (int)n : proc_status_parse(text, (size_t)n, ret);
}

static int read_syscall(const struct place *at, const char *name, struct blocked_in *ret)
{
	char text[256];
	ssize_t n = read_at(at, name, text, sizeof(text));

	return n < 0 ? (int)n : proc_syscall_parse(text, (size_t)n, ret);
}

static void read_cgroup(const struct place *at, struct details *d)
{
	char text[4096], path[PLACE_PATH_SIZE];
	ssize_t n = read_at(at, "cgroup", text, sizeof(text));
	int r = n < 0 ? (int)n : 0;

	if (n == (ssize_t)sizeof(text) - 1) {
		r = file_slurp_at(at->dir, path_at(at, "cgroup", path), &d->cgroups,
				  &d->cgroups_len);
	} else if (n >= 0) {
		d->cgroups = xstrndup(text, (size_t)n);
		d->cgroups_len = (size_t)n;
	}
	note(d, WANT_CGROUP, r);
	if (r == 0)
		d->in_container = container_from_cgroup(d->cgroups, d->cgroups_len, &d->container);
}

/* Who forked whom: proc_tid_children(5), exact only where children do not change meanwhile */
static void read_children(const struct place *at, struct thread *t)
{
	auto_free char *text = NULL;
	char name[48], path[PLACE_PATH_SIZE];
	size_t len, cap = 0;
	char *save = NULL;

	snprintf(name, sizeof(name), "task/%d/children", t->tid);
	if (file_slurp_at(at->dir, path_at(at, name, path), &text, &len) < 0)
		return;
	for (char *s = strtok_r(text, " ", &save); s; s = strtok_r(NULL, " ", &save)) {
		ARRAY_GROW(t->children, t->n_children, cap);
		t->children[t->n_children++] = (pid_t)strtol(s, NULL, 10);
	}
}

/*
 * State D within vfork or clone is the wait for a vfork child where the kernel function that it sleeps
 * in is the one that holds this wait: Linux kernel/fork.c:wait_for_vfork_done(), as a rule a part of
 * kernel_clone() (before 5.10 _do_fork()), whose other sleeps lie in functions of their own.
 */
static bool waits_for_vfork(const struct place *at, const struct thread *t, const char *name)
{
	static const char *const calls[] = { "vfork", "clone", "clone3" };
	static const char *const places[] = { "wait_for_vfork_done", "kernel_clone", "_do_fork" };
	char wchan[64] = "";
	bool forks = false, there = false;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && t->blocked_in.name; i++)
		forks |= streq(t->blocked_in.name, calls[i]);
	if (!forks || read_at(at, name, wchan, sizeof(wchan)) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		there |= streq(wchan, places[i]);
	return there;
}

/* What the thread is doing may be refused where its masks are not */
static void read_doing(const struct place *at, struct thread *t, struct details *d)
{
	char name[48] = "syscall", wchan[48] = "wchan"; /* the process's are its main thread's */
	int r;

	if (t->tid != d->process.pid) {
		snprintf(name, sizeof(name), "task/%d/syscall", t->tid);
		snprintf(wchan, sizeof(wchan), "task/%d/wchan", t->tid);
	}
	r = read_syscall(at, name, &t->blocked_in);
	if (r == 0 && t->blocked_in.wait == WAIT_FOR_SIGNALS)
		(void)read_sigset(at, t->blocked_in.address, &t->awaited); /* 0: unknown */
	t->in_vfork = r == 0 && t->state == 'D' && waits_for_vfork(at, t, wchan);
	if (r == -EACCES)
		d->denied |= WANT_DOING;
	if (t->blocked_in.options & __WNOTHREAD)
		read_children(at, t);
}

/* The only thread's masks and state are those of the process */
static void read_only_thread(const struct place *at, unsigned want, struct details *d)
{
	struct thread *t = xcalloc(1, sizeof(*t));

	t->tid = d->process.pid;
	t->state = d->status.state;
	t->masks = d->status.masks;
	d->threads = t;
	d->n_threads = 1;
	if (want & WANT_DOING)
		read_doing(at, t, d);
}

/* A thread in the list that has ended meanwhile is no thread any more */
static void read_thread(const struct place *at, pid_t tid, unsigned want, struct details *d,
			size_t *cap)
{
	struct proc_status status;
	struct thread *t;
	char name[48];
	int r;

	snprintf(name, sizeof(name), "task/%d/status", tid);
	r = read_status(at, name, &status);
	if (r == -EACCES)
		d->denied |= WANT_THREADS;
	if (r < 0)
		return;
	ARRAY_GROW(d->threads, d->n_threads, *cap);
	t = &d->threads[d->n_threads++];
	*t = (struct thread){ .tid = tid, .state = status.state, .masks = status.masks };
	if (want & WANT_DOING)
		read_doing(at, t, d);
}

static void read_threads(const struct place *at, unsigned want, struct details *d)
{
	auto_dir DIR *tasks = NULL;
	const struct dirent *entry;
	size_t cap = 0;

	if (d->process.threads <= 1 && details_has(d, WANT_STATUS)) {
		read_only_thread(at, want, d);
	} else {
		tasks = list_at(at, "task");
		if (!tasks)
			note(d, WANT_THREADS, file_error(errno));
		while (tasks && (entry = readdir(tasks))) {
			long tid = strtol(entry->d_name, NULL, 10);

			if (tid > 0)
				read_thread(at, (pid_t)tid, want, d, &cap);
		}
	}
	if (d->n_threads > 0)
		d->have |= (want & (WANT_THREADS | WANT_DOING)) & ~d->denied;
}

static bool fdinfo_takes_sigchld(int fdinfo, const char *name)
{
	char text[1024], *line;

	if (file_read_at(fdinfo, name, text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "sigmask:");
	return line && mask_has(strtoull(line + strlen("sigmask:"), NULL, 16), SIGCHLD);
}

/* proc_pid_fdinfo(5): a signalfd's file has a line "sigmask:" with its set */
static void read_signalfd(const struct place *at, struct details *d)
{
	auto_dir DIR *fdinfo = list_at(at, "fdinfo");
	const struct dirent *entry;

	if (!fdinfo) {
		note(d, WANT_SIGNALFD, file_error(errno));
		return;
	}
	d->signalfd = TRI_NO;
	while (d->signalfd == TRI_NO && (entry = readdir(fdinfo)))
		if (entry->d_name[0] != '.' && fdinfo_takes_sigchld(dirfd(fdinfo), entry->d_name))
			d->signalfd = TRI_YES;
	d->have |= WANT_SIGNALFD;
}

static void read_wchan(const struct place *at, struct details *d)
{
	ssize_t n = read_at(at, "wchan", d->wchan, sizeof(d->wchan));

	/* without ptrace access the file reads "0", and so it does for one that is not asleep */
	if (n >= 0 && streq(d->wchan, "0")) {
		d->wchan[0] = '\0';
		n = (d->denied & (WANT_PIDNS | WANT_DOING)) ? -EACCES : n;
	}
	note(d, WANT_WCHAN, (int)n);
}

static struct place place_of(const struct census *c, const struct process *p, int pinned)
{
	struct place at = { .dir = pinned >= 0 ? pinned : c->procfd };
	char text[sizeof(at.prefix)], *slash = text + sizeof(text) - sizeof("/");

	memcpy(slash, "/", sizeof("/"));
	if (pinned < 0)
		stpcpy(at.prefix, decimal_before(slash, (uint64_t)p->pid));
	return at;
}

static void read_rest(const struct place *at, unsigned want, struct details *ret)
{
	char path[PLACE_PATH_SIZE];

	if (!details_has(ret, WANT_PIDNS) && (want & WANT_PIDNS))
		note(ret, WANT_PIDNS,
		     pidns_read(at->dir, path_at(at, "ns/pid", path), &ret->pidns));
	if (want & WANT_CGROUP)
		read_cgroup(at, ret);
	if (want & WANT_THREADS)
		read_threads(at, want, ret);
	if ((want & WANT_SIGNALFD) ||
	    ((want & WANT_SIGNALFD_IF_BLOCKED) && mask_has(ret->status.masks.blocked, SIGCHLD)))
		read_signalfd(at, ret);
	if (want & WANT_WCHAN)
		read_wchan(at, ret);
}

int details_read(const struct census *c, const struct process *p, unsigned want,
		 struct details *ret)
{
	const struct process_kernel *kernel = census_kernel(c, p);
	bool verified = !(want & WANT_UNVERIFIED);
	struct process fresh = *p;
	auto_close int pinned = verified ? details_pin(c, p, &fresh) : -1;
	const struct place at = place_of(c, p, pinned);
	int r;

	if (verified && pinned < 0)
		return pinned;
	details_unread(p, ret);
	if (kernel)
		ret->subreaper = tri_of(kernel->subreaper);
	if (want & WANT_FRESH) {
		ret->process = fresh;
		ret->have |= WANT_FRESH;
	}
	if (want & WANT_STATUS) {
		r = read_status(&at, "status", &ret->status);
		if (r < 0 && !verified && r != -EACCES)
			return r;
		note(ret, WANT_STATUS, r);
	}
	if (kernel && kernel->pidns) {
		ret->pidns = kernel->pidns;
		ret->have |= WANT_PIDNS;
	}
	read_rest(&at, want, ret);
	return 0;
}

int details_read_zombie(const struct census *c, const struct process *p, struct details *ret)
{
	const struct place at = place_of(c, p, -1);
	struct proc_status status;
	int r = read_status(&at, "status", &status);

	if (r < 0)
		return r;
	if (status.state != 'Z' || status.ppid != p->ppid)
		return -ESRCH;
	details_unread(p, ret);
	ret->status = status;
	ret->have = WANT_STATUS;
	return 0;
}

int details_read_file(const struct census *c, const struct process *p, const char *name,
		      char **ret_text, size_t *ret_len)
{
	auto_close int dir = -1;
	struct process fresh;

	dir = details_pin(c, p, &fresh);
	return dir < 0 ? dir : file_slurp_at(dir, name, ret_text, ret_len);
}

void details_unread(const struct process *p, struct details *ret)
{
	*ret = (struct details){ .process = *p };
}

void details_done(struct details *d)
{
	container_done(&d->container);
	free(d->cgroups);
	for (size_t i = 0; i < d->n_threads; i++)
		free(d->threads[i].children);
	free(d->threads);
	for (size_t i = 0; i < d->n_args; i++)
		free(d->cmdline[i]);
	free(d->cmdline);
	*d = (struct details){ 0 };
}

pid_t details_ns_pid(const struct details *d)
{
	const struct proc_status *s = &d->status;

	return details_has(d, WANT_STATUS) && s->n_ns_pids > 0 ? s->ns_pids[s->n_ns_pids - 1] : 0;
}

const char *details_role(const struct details *d)
{
	if (details_ns_pid(d) == 1)
		return "init";
	return d->subreaper == TRI_YES ? "subreaper" : "process";
}

char details_state(const struct details *d)
{
	const char main = details_has(d, WANT_STATUS) ? d->status.state : d->process.state;
	char shared = 0;

	for (size_t i = 0; main == 'Z' && i < d->n_threads; i++) {
		const char state = d->threads[i].state;

		if (state == 'Z' || state == 'X')
			continue;
		if (shared && shared != state)
			return main;
		shared = state;
	}
	return shared ? shared : main;
}

int details_depth(const struct details *d)
{
	const struct proc_status *s = &d->status;

	return details_has(d, WANT_STATUS) && s->n_ns_pids > 0 ? s->n_ns_pids - 1 : -1;
}
