/* SPDX-License-Identifier: MIT */
#include "inspect/threads/doing.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#include "census/proc_stat.h"

/* One set of signals in its memory, /proc/PID/mem */
static int read_sigset(const struct place *at, uint64_t address, uint64_t *ret_set)
{
	char path[PLACE_PATH_SIZE];
	auto_close int fd = file_open_at(at->dir, path_at(at, "mem", path));
	uint64_t set;

	if (fd < 0)
		return fd;
	if (pread(fd, &set, sizeof(set), (off_t)address) != (ssize_t)sizeof(set))
		return -EACCES;
	*ret_set = set;
	return 0;
}

/* Is its program a 32-bit one: the fifth byte of an ELF file, elf(5) */
static enum syscall_abi read_abi(const struct place *at)
{
	char path[PLACE_PATH_SIZE], head[EI_NIDENT];
	auto_close int fd =
		openat(at->dir, path_at(at, "exe", path), O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head, ELFMAG, SELFMAG) != 0)
		return ABI_GUESS;
	return head[EI_CLASS] == ELFCLASS32 ? ABI_COMPAT : ABI_NATIVE;
}

/* Where a sleeper has its time limit in its memory, /proc/PID/mem */
static void read_limit(const struct place *at, struct blocked_in *in)
{
	char path[PLACE_PATH_SIZE], bytes[16];
	auto_close int fd =
		openat(at->dir, path_at(at, "mem", path), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, bytes, sizeof(bytes), (off_t)in->limit_address);

	limit_parse(bytes, n < 0 ? 0 : (size_t)n, in);
}

static int read_syscall(const struct place *at, const char *name, struct blocked_in *ret)
{
	char text[256];
	ssize_t n = read_at(at, name, text, sizeof(text));
	int r = n < 0 ? (int)n : proc_syscall_parse(text, (size_t)n, ABI_GUESS, ret);

	if (r == 0 && ret->ambiguous)
		r = proc_syscall_parse(text, (size_t)n, read_abi(at), ret);
	if (r == 0 && ret->limit == LIMIT_IN_MEMORY)
		read_limit(at, ret);
	return r;
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
 * Linux kernel/fork.c:wait_for_vfork_done() is as a rule a part of kernel_clone() (before 5.10 _do_fork()),
 * whose other sleeps lie in functions of their own.
 */
bool thread_waits_for_vfork(const struct place *at, const char *name, char state, const char *call)
{
	static const char *const calls[] = { "vfork", "clone", "clone3" };
	static const char *const places[] = { "wait_for_vfork_done", "kernel_clone", "_do_fork" };
	char wchan[64] = "";
	bool forks = false, there = false;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && call; i++)
		forks |= streq(call, calls[i]);
	if (state != 'D' || !forks || read_at(at, name, wchan, sizeof(wchan)) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		there |= streq(wchan, places[i]);
	return there;
}

/* Linux kernel/exit.c:do_wait(); where the name is not to be had the file reads "0" */
static enum tri sleeps_in_do_wait(const struct place *at, const char *name)
{
	char wchan[64] = "";

	if (read_at(at, name, wchan, sizeof(wchan)) <= 0 || streq(wchan, "0"))
		return TRI_UNKNOWN;
	return tri_of(has_prefix(wchan, "do_wait"));
}

/* The third number of schedstat: how often it got a CPU (Linux fs/proc/base.c:proc_pid_schedstat()) */
static uint64_t read_runs(const struct place *at, pid_t tid)
{
	unsigned long long ran, waited, runs;
	char name[48], text[128];

	snprintf(name, sizeof(name), "task/%d/schedstat", tid);
	if (read_at(at, name, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%llu %llu %llu", &ran, &waited, &runs) != 3)
		return 0;
	return runs;
}

static char read_state(const struct place *at, pid_t tid)
{
	char name[48], text[1024];
	struct process p;
	ssize_t n;

	snprintf(name, sizeof(name), "task/%d/stat", tid);
	n = read_at(at, name, text, sizeof(text));
	return n > 0 && proc_stat_parse(text, (size_t)n, &p) == 0 ? p.state : '?';
}

/* One that was woken may wait for a CPU for long: its state tells */
static bool read_at_once(const struct place *at, const struct details *d)
{
	for (size_t i = 0; i < d->n_threads; i++) {
		const struct thread *t = &d->threads[i];

		if (t->runs == 0 || read_state(at, t->tid) != t->state ||
		    read_runs(at, t->tid) != t->runs)
			return false;
	}
	return true;
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
	if (r == 0 && t->blocked_in.wait != WAIT_FOR_NONE && t->blocked_in.wait != WAIT_FOR_SIGNALS)
		t->in_do_wait = sleeps_in_do_wait(at, wchan);
	t->in_vfork = r == 0 && thread_waits_for_vfork(at, wchan, t->state, t->blocked_in.name);
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
	t->tracer = d->status.tracer;
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
	*t = (struct thread){
		.tid = tid, .state = status.state, .tracer = status.tracer, .masks = status.masks
	};
	if (!(want & WANT_DOING))
		return;
	t->runs = read_runs(at, tid);
	read_doing(at, t, d);
}

void threads_read(const struct place *at, unsigned want, struct details *d)
{
	auto_dir DIR *tasks = NULL;
	const struct dirent *entry;
	size_t cap = 0;

	if (d->process.threads <= 1 && details_has(d, WANT_STATUS)) {
		read_only_thread(at, want, d);
	} else {
		tasks = list_at(at, "task");
		if (!tasks)
			note_read(d, WANT_THREADS, file_error(errno));
		while (tasks && (entry = readdir(tasks))) {
			long tid = strtol(entry->d_name, NULL, 10);

			if (tid > 0)
				read_thread(at, (pid_t)tid, want, d, &cap);
		}
		d->at_once = (want & WANT_DOING) && read_at_once(at, d);
	}
	if (d->n_threads > 0)
		d->have |= (want & (WANT_THREADS | WANT_DOING)) & ~d->denied;
}
