/* SPDX-License-Identifier: MIT */
#include "inspect/details.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/decimal.h"
#include "inspect/fds/signalfd.h"
#include "inspect/place.h"
#include "inspect/presence.h"
#include "inspect/threads/doing.h"
#include "inspect/threads/slept.h"

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

static void read_cgroup(const struct place *at, struct details *d)
{
	char path[PLACE_PATH_SIZE];
	int r = file_slurp_at(at->dir, path_at(at, "cgroup", path), &d->cgroups, &d->cgroups_len);

	note_read(d, WANT_CGROUP, r);
	if (r == 0)
		d->in_container = container_from_cgroup(d->cgroups, d->cgroups_len, &d->container);
}

static void read_fdinfo(int fdinfo, const char *name, struct details *d)
{
	auto_free char *text = NULL;
	const char *line;
	uint64_t mask;
	size_t len;

	if (file_slurp_at(fdinfo, name, &text, &len) < 0)
		return;
	if (signalfd_parse(text, &mask) && mask_has(mask, SIGCHLD))
		d->signalfd = TRI_YES;
	line = strstr(text, "it_value:");
	if (line && !has_prefix(line, "it_value: (0, 0)"))
		d->timer = TRI_YES;
}

/* proc_pid_fdinfo(5): a signalfd's file has a line "sigmask:" with its set */
static void read_signalfd(const struct place *at, struct details *d)
{
	auto_dir DIR *fdinfo = list_at(at, "fdinfo");
	const struct dirent *entry;

	if (!fdinfo) {
		note_read(d, WANT_SIGNALFD, file_error(errno));
		return;
	}
	d->signalfd = d->timer = TRI_NO;
	while ((entry = readdir(fdinfo)))
		if (entry->d_name[0] != '.')
			read_fdinfo(dirfd(fdinfo), entry->d_name, d);
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
	note_read(d, WANT_WCHAN, (int)n);
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
		note_read(ret, WANT_PIDNS,
			  pidns_read(at->dir, path_at(at, "ns/pid", path), &ret->pidns));
	if (want & WANT_CGROUP)
		read_cgroup(at, ret);
	if (want & WANT_THREADS)
		threads_read(at, want, ret);
	if ((want & WANT_SIGNALFD) ||
	    ((want & WANT_SIGNALFD_IF_BLOCKED) &&
	     (mask_has(ret->status.masks.blocked, SIGCHLD) || details_waits_for_files(ret))))
		read_signalfd(at, ret);
	if (want & WANT_WCHAN)
		read_wchan(at, ret);
}

/* What the kernel has told, without any file */
static void take_kernel(const struct census *c, const struct process *p, struct details *ret)
{
	const struct process_kernel *kernel = census_kernel(c, p);

	if (!kernel)
		return;
	ret->subreaper = tri_of(kernel->subreaper);
	ret->init = tri_of(kernel->is_init);
	ret->has_level = true;
	ret->level = kernel->level;
	ret->ns_pid = kernel->ns_pid;
	if (kernel->pidns) {
		ret->pidns = kernel->pidns;
		ret->have |= WANT_PIDNS;
	}
}

/* It is there, and nothing of it is to be read, for the reason r */
static int out_of_reach(const struct census *c, const struct process *p, unsigned want, int r,
			struct details *ret)
{
	details_unread(p, ret);
	take_kernel(c, p, ret);
	ret->unread = r;
	if (r == -ENOENT || r == -EACCES)
		ret->denied = want & ~(unsigned)(WANT_FRESH | WANT_UNVERIFIED | WANT_SLEPT) &
			      ~ret->have;
	return r;
}

/* The status of whoever has the number: where it cannot be read, is the process gone? */
static int read_unverified(const struct census *c, const struct place *at, const struct process *p,
			   struct details *ret)
{
	auto_close int pinned = -1;
	int r = read_status(at, "status", &ret->status);

	note_read(ret, WANT_STATUS, r);
	if (r == 0 || r == -EBADMSG)
		return 0;
	pinned = presence_pin(c, p, NULL);
	return pinned < 0 ? pinned : 0;
}

int details_read(const struct census *c, const struct process *p, unsigned want,
		 struct details *ret)
{
	bool verified = !(want & WANT_UNVERIFIED);
	struct process fresh = *p;
	auto_close int pinned = verified ? presence_pin(c, p, &fresh) : -1;
	const struct place at = place_of(c, p, pinned);
	int r = verified && pinned < 0 ? pinned : 0;

	if (r < 0)
		return out_of_reach(c, p, want, r, ret);
	details_unread(p, ret);
	take_kernel(c, p, ret);
	if (want & WANT_FRESH) {
		ret->process = fresh;
		ret->have |= WANT_FRESH;
	}
	if ((want & WANT_STATUS) && verified)
		note_read(ret, WANT_STATUS, read_status(&at, "status", &ret->status));
	else if (want & WANT_STATUS)
		r = read_unverified(c, &at, p, ret);
	if (r < 0)
		return out_of_reach(c, p, want, r, ret);
	read_rest(&at, want, ret);
	if ((want & WANT_SLEPT) && !c->kernel && details_ns_pid(ret) == 1) {
		ret->slept_ns = slept_since(c, p);
		note_read(ret, WANT_SLEPT, ret->slept_ns < INT64_MAX ? 0 : -ENODATA);
	}
	return 0;
}

int details_read_file(const struct census *c, const struct process *p, const char *name,
		      char **ret_text, size_t *ret_len)
{
	auto_close int dir = -1;
	struct process fresh;

	dir = presence_pin(c, p, &fresh);
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
	if (details_ns_pid(d) == 1 || d->init == TRI_YES)
		return "init";
	if (d->subreaper == TRI_YES)
		return "subreaper";
	return details_ns_pid(d) || d->init == TRI_NO ? "process" : NULL;
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

/* Calls that a timer can end though they have no time limit: it is a file, timerfd_create(2) */
bool details_waits_for_files(const struct details *d)
{
	static const char *const calls[] = { "read",   "poll",	     "ppoll",
					     "select", "_newselect", "pselect6",
					     "readv",  "epoll_wait", "epoll_pwait" };

	for (size_t i = 0; i < d->n_threads; i++)
		for (size_t k = 0; k < ARRAY_SIZE(calls); k++)
			if (d->threads[i].blocked_in.limit == LIMIT_NONE &&
			    d->threads[i].blocked_in.name &&
			    has_prefix(d->threads[i].blocked_in.name, calls[k]))
				return true;
	return false;
}

int details_depth(const struct details *d)
{
	const struct proc_status *s = &d->status;

	return details_has(d, WANT_STATUS) && s->n_ns_pids > 0 ? s->n_ns_pids - 1 : -1;
}
