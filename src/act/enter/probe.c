/* SPDX-License-Identifier: MIT */
#include "act/enter/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "act/enter/enter.h"
#include "act/pin.h"
#include "base/duration.h"
#include "base/file.h"
#include "census/proc_stat.h"
#include "inspect/text/status.h"

#define END_MS 4000 /* longer than the guide takes for all that it has to do */
#define MS_NS INT64_C(1000000)
#define LEFTOVER_MS 500

/* One probe under way. Descriptors are owned; -1: none. */
struct probe {
	int procfd; /* borrowed; -1: none that numbers processes as this process does */
	int pidns;  /* namespace to enter, -1: stay */
	struct entered entered;
	pid_t middle;
	int middle_fd;
	pid_t orphan_pid;
	int orphan;
	int adopter;
	unsigned timeout_ms;
	int64_t deadline; /* CLOCK_MONOTONIC */
	bool let_die;
	int error; /* of probe_let_die() */
	struct probe_result result;
};

static unsigned left_ms(const struct probe *p)
{
	int64_t left = p->deadline - clock_ns(CLOCK_MONOTONIC);

	return left > 0 ? (unsigned)((left + 999999) / 1000000) : 0;
}

/* Whether in has more than the one number: it is in a namespace below ours */
static int is_elsewhere(int procfd, const struct process *in, bool *ret)
{
	struct proc_status status;
	int r = proc_status_read_pid(procfd, in->pid, &status);

	if (r == -EBADMSG || (r == 0 && status.n_ns_pids < 1))
		return -EOPNOTSUPP;
	if (r < 0)
		return r;
	*ret = status.n_ns_pids > 1;
	return 0;
}

/* The PID namespace of in, pinned by a pidfd over all that is read of it */
static int find_namespace(struct probe *p, const struct process *in)
{
	struct probe_result *ret = &p->result;
	auto_close int pin = -1, ns = -1;
	struct stat st;
	char path[32];
	int r;

	if (p->procfd < 0)
		return -EOPNOTSUPP;
	pin = pin_open(p->procfd, in, NULL);
	if (pin < 0)
		return pin;
	r = is_elsewhere(p->procfd, in, &ret->elsewhere);
	if (r == 0 && ret->elsewhere) {
		snprintf(path, sizeof(path), "%d/ns/pid", in->pid);
		ns = file_open_at(p->procfd, path);
		r = ns < 0 ? ns : 0;
	}
	if (pin_is_reaped(pin))
		return -ESRCH;
	if (r < 0 || !ret->elsewhere)
		return r;
	if (fstat(ns, &st) < 0)
		return -errno;
	ret->pidns = st.st_ino;
	p->pidns = take_fd(&ns);
	return 0;
}

static void find_own_namespace(struct probe *p)
{
	struct stat st;

	if (p->procfd >= 0 && fstatat(p->procfd, "self/ns/pid", &st, 0) == 0)
		p->result.pidns = st.st_ino;
}

static int start(struct probe *p, const struct airlock *airlock)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	/* ignored, it would be reaped by the kernel and not by us; inherited from whoever runs us */
	sigemptyset(&plain.sa_mask);
	sigaction(SIGCHLD, &plain, NULL);
	return enter_start(airlock, p->pidns, ENTER_ORPHAN, &p->entered);
}

/* -- who speaks, and what follows from it -- */

/* The middle has one child; who else says that it is the orphan may be a stranger with its socket */
static void meet_orphan(struct probe *p, pid_t speaker)
{
	int fd = speaker > 0 ? pin_open_child(speaker) : -1;
	pid_t parent;

	if (fd < 0)
		return;
	parent = pin_parent(p->procfd, fd);
	if (parent != p->middle && parent != -1) {
		close(fd);
		return;
	}
	p->orphan = fd;
	p->orphan_pid = speaker;
	entered_tell_orphan(&p->entered, speaker);
	entered_let_middle_end(&p->entered);
}

static int take_failure(struct probe *p, const struct inside_message *m)
{
	p->result.step = (enum inside_step)m->step;
	/* of the one in there: a PID namespace that dies says ENOMEM, and nothing lacks here */
	return m->value == ENOMEM ? -ENOMEM : file_error(m->value);
}

static int meet_middle(struct probe *p, pid_t middle, pid_t early)
{
	p->middle = middle;
	p->middle_fd = pin_open_child(middle);
	if (p->middle_fd < 0)
		return p->middle_fd;
	meet_orphan(p, early);
	return 0;
}

/* Hear the guide, the middle and the orphan, in whatever order */
static int await_adoption(struct probe *p)
{
	struct entered_word word;
	pid_t early = 0;

	for (;;) {
		const struct inside_message *m = &word.message;
		int r = entered_hear(&p->entered, p->deadline, &word);

		if (r < 0)
			return r;
		if (word.sender <= 0)
			continue;
		if (m->said == INSIDE_FAILED &&
		    (word.sender == p->entered.guide || word.sender == p->middle))
			return take_failure(p, m);
		if (m->said == INSIDE_MADE && word.sender == p->entered.guide)
			r = meet_middle(p, m->value, early);
		else if (m->said == INSIDE_HELLO && !p->middle)
			early = word.sender;
		else if (m->said == INSIDE_HELLO && p->orphan < 0)
			meet_orphan(p, word.sender);
		if (r < 0)
			return r;
		if (m->said == INSIDE_ADOPTED && word.sender == p->orphan_pid) {
			p->result.adopter_ns_pid = m->value;
			return 0;
		}
	}
}

/* The orphan's parent now, and a pidfd of it, of the same process: it may end in between */
static pid_t pin_adopter(struct probe *p)
{
	for (;;) {
		pid_t parent = pin_parent(p->procfd, p->orphan);
		int fd;

		if (parent == -1) /* without a proc, and before Linux 6.13 */
			parent = p->result.elsewhere ? 0 : p->result.adopter_ns_pid;
		fd = parent > 0 ? pin_open_child(parent) : -1;
		if (fd < 0 && parent > 0 && pin_parent(p->procfd, p->orphan) != parent)
			continue;
		p->adopter = fd;
		return parent;
	}
}

/* Of a process or thread that is an entry of that directory */
static bool read_stat(int dir, const char *name, struct process *ret)
{
	char path[sizeof(((struct dirent *)0)->d_name) + sizeof("/stat")];

	snprintf(path, sizeof(path), "%s/stat", name);
	return proc_stat_read(dir, path, ret) == 0;
}

static void name_adopter(struct probe *p)
{
	struct probe_result *ret = &p->result;
	struct process now = { 0 };

	ret->adopter = pin_adopter(p);
	if (p->adopter < 0 || p->procfd < 0)
		return;
	if (proc_stat_read_pid(p->procfd, ret->adopter, &now) < 0 || pin_is_reaped(p->adopter))
		return;
	memcpy(ret->adopter_comm, now.comm, sizeof(now.comm));
}

/*
 * Whether a thread of it is not exiting. A dying init reaps all of its namespace before its pidfd says
 * that it has ended: Linux kernel/pid_namespace.c:zap_pid_ns_processes(), called by exit.c:exit_notify().
 */
static bool has_live_thread(int procfd, pid_t pid)
{
	const struct dirent *entry;
	auto_dir DIR *tasks = NULL;
	char path[32];

	snprintf(path, sizeof(path), "%d/task", pid);
	tasks = file_list_at(procfd, path);
	while (tasks && (entry = readdir(tasks))) {
		struct process now = { 0 };

		if (entry->d_name[0] != '.' && read_stat(dirfd(tasks), entry->d_name, &now) &&
		    !(now.flags & PF_EXITING))
			return true;
	}
	return false;
}

static bool is_adopter_alive(const struct probe *p)
{
	if (p->adopter < 0)
		return false;
	/* without a proc of one's own an init that dies may be told by the end that follows */
	if (p->procfd < 0)
		return pin_await_end(p->adopter, LEFTOVER_MS) < 0;
	return has_live_thread(p->procfd, p->result.adopter) && !pin_is_reaped(p->adopter);
}

static int await_reaping(struct probe *p)
{
	struct probe_result *ret = &p->result;
	int64_t died;
	int r;

	if (pin_await_end(p->orphan, left_ms(p)) < 0)
		return -ETIMEDOUT;
	died = clock_ns(CLOCK_MONOTONIC);
	/* coroner runs as the init of a container here: nobody else can reap it */
	while (ret->adopter == getpid() && waitpid(p->orphan_pid, NULL, 0) < 0 && errno == EINTR)
		;
	r = pin_await_reaped(&p->orphan, 1, p->adopter, left_ms(p));
	ret->reaped_after_ms = (double)(clock_ns(CLOCK_MONOTONIC) - died) / 1e6;
	/* asked after that: an adopter that has ended may have done so before, and another have reaped */
	if (is_adopter_alive(p))
		ret->reaps = tri_of(r > 0);
	ret->reaped = ret->reaps == TRI_YES;
	return 0;
}

/*
 * An orphan that was stopped before it could say anything, and swept up: it is of the session that the
 * middle made, whose number stays taken as long (Linux kernel/pid.c:__change_pid()). Returns a pidfd or -1.
 */
static int find_orphan(const struct probe *p)
{
	auto_dir DIR *all = p->procfd >= 0 && p->middle > 0 ? file_list_at(p->procfd, ".") : NULL;
	const struct dirent *entry;

	while (all && (entry = readdir(all))) {
		struct process now = { 0 };

		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    read_stat(p->procfd, entry->d_name, &now) && now.sid == p->middle &&
		    now.pid != p->middle)
			return pin_open(p->procfd, &now, NULL);
	}
	return -1;
}

/* Whatever came of it, a corpse is named; whoever just got it, or is slow to look, has a moment */
static void name_leftover(struct probe *p)
{
	unsigned ms = p->result.reaps == TRI_NO ? 0 : LEFTOVER_MS;

	if (p->orphan < 0 && p->error < 0)
		p->orphan = find_orphan(p);
	if (p->orphan < 0 || pin_await_end(p->orphan, ms) < 0)
		return;
	if (pin_await_reaped(&p->orphan, 1, -1, ms) == 0)
		p->result.left_behind = pin_pid(p->orphan);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Leave nothing behind: what still lives of our own is ended, by the guide or here, and reaped */
static void finish(struct probe *p)
{
	int64_t deadline = clock_ns(CLOCK_MONOTONIC) + END_MS * MS_NS;

	entered_hang_up(&p->entered);
	if (p->orphan >= 0 && pin_await_end(p->orphan, 0) < 0 && p->error < 0)
		(void)pin_signal(p->orphan, SIGKILL);
	if (p->entered.guide > 0 && entered_end(&p->entered, deadline) < 0)
		p->result.held = p->middle;
	if (p->orphan >= 0 && pin_await_end(p->orphan, 0) < 0)
		p->result.held = p->orphan_pid;
	name_leftover(p);
	close_fd(&p->middle_fd);
	close_fd(&p->orphan);
	close_fd(&p->adopter);
	close_fd(&p->pidns);
}

static void start_clock(struct probe *p)
{
	p->deadline = clock_ns(CLOCK_MONOTONIC) + p->timeout_ms * MS_NS;
}

int probe_start(const struct airlock *airlock, int procfd, const struct process *in,
		unsigned timeout_ms, struct probe **ret)
{
	struct probe *p = xcalloc(1, sizeof(*p));
	int r = 0;

	*p = (struct probe){ .procfd = procfd >= 0 && pin_check_procfs(procfd) == 0 ? procfd : -1,
			     .pidns = -1,
			     .entered = { .guide_fd = -1, .socket = -1 },
			     .middle_fd = -1,
			     .orphan = -1,
			     .adopter = -1,
			     .timeout_ms = timeout_ms };
	start_clock(p);
	if (in)
		r = find_namespace(p, in);
	if (r == 0 && !p->result.elsewhere)
		find_own_namespace(p);
	if (r == 0)
		r = start(p, airlock);
	if (r < 0) {
		finish(p);
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void probe_let_die(struct probe *p)
{
	if (p->let_die)
		return;
	p->let_die = true;
	p->error = await_adoption(p);
	if (p->error < 0)
		return;
	name_adopter(p);
	start_clock(p);
	/* the orphan hears that and exits */
	entered_hang_up(&p->entered);
}

int probe_finish(struct probe *p, struct probe_result *ret)
{
	int r;

	probe_let_die(p);
	r = p->error;
	if (r == 0)
		r = await_reaping(p);
	finish(p);
	*ret = p->result;
	free(p);
	return r;
}
