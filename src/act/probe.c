/* SPDX-License-Identifier: MIT */
#include "act/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "act/pin.h"
#include "base/duration.h"
#include "base/file.h"
#include "census/proc_stat.h"
#include "inspect/status.h"

/* One probe under way. Descriptors are owned; -1: none. */
struct probe {
	int procfd; /* borrowed */
	int socket;
	int pidns;   /* namespace to enter, -1: stay */
	pid_t child; /* the guide or the middle, a child of ours; 0: none, or reaped */
	int child_fd;
	int orphan;
	int adopter;
	pid_t orphan_pid;
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
	char path[32], text[8192];
	ssize_t n;

	snprintf(path, sizeof(path), "%d/status", in->pid);
	n = file_read_at(procfd, path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	if (proc_status_parse(text, (size_t)n, &status) < 0 || status.n_ns_pids < 1)
		return -EOPNOTSUPP;
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
	int r = pin_check_procfs(p->procfd);

	if (r < 0)
		return r;
	pin = pin_open(p->procfd, in, NULL);
	if (pin < 0)
		return pin;
	r = is_elsewhere(p->procfd, in, &ret->elsewhere);
	if (r == 0 && ret->elsewhere) {
		snprintf(path, sizeof(path), "%d/ns/pid", in->pid);
		ns = openat(p->procfd, path, O_RDONLY | O_CLOEXEC);
		r = ns < 0 ? file_error(errno) : 0;
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

	/* where procfd is another's proc there is no number to give */
	if (p->procfd >= 0 && pin_check_procfs(p->procfd) == 0 &&
	    fstatat(p->procfd, "self/ns/pid", &st, 0) == 0)
		p->result.pidns = st.st_ino;
}

static int start(struct probe *p)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	pid_t creator = getpid();
	int pair[2], on = 1, r;

	/* ignored, it would be reaped by the kernel and not by us; inherited from whoever runs us */
	sigemptyset(&plain.sa_mask);
	sigaction(SIGCHLD, &plain, NULL);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	p->socket = pair[0];
	if (setsockopt(p->socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0) {
		close(pair[1]);
		return -errno;
	}
	fflush(NULL); /* the children never flush, but nothing of ours shall be twice in memory */
	p->child = fork();
	if (p->child == 0)
		orphan_main(pair[1], p->pidns, creator);
	r = p->child < 0 ? -errno : 0;
	close(pair[1]);
	if (r == 0)
		r = p->child_fd = pin_open_child(p->child);
	return r < 0 ? r : 0;
}

struct heard {
	struct orphan_message message;
	pid_t sender; /* translated into this PID namespace by the kernel: unix(7) SCM_CREDENTIALS */
	int fd;
};

static void take_control(const struct cmsghdr *c, struct heard *ret)
{
	struct ucred credentials;

	if (c->cmsg_level != SOL_SOCKET)
		return;
	if (c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int))) {
		memcpy(&ret->fd, CMSG_DATA(c), sizeof(ret->fd));
	} else if (c->cmsg_type == SCM_CREDENTIALS) {
		memcpy(&credentials, CMSG_DATA(c), sizeof(credentials));
		ret->sender = credentials.pid;
	}
}

/* Returns 0; -ETIMEDOUT; -ECONNRESET: all who could have said something have ended */
static int hear(const struct probe *p, struct heard *ret)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec data = { &ret->message, sizeof(ret->message) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	struct pollfd polled = { .fd = p->socket, .events = POLLIN };
	ssize_t n;

	*ret = (struct heard){ .fd = -1 };
	while (poll(&polled, 1, (int)left_ms(p)) < 1)
		if (left_ms(p) == 0)
			return -ETIMEDOUT;
	n = recvmsg(p->socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n != (ssize_t)sizeof(ret->message))
		return -ECONNRESET;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
		take_control(c, ret);
	return 0;
}

/* Hear the middle and the orphan, in whatever order */
static int await_adoption(struct probe *p)
{
	struct probe_result *ret = &p->result;
	bool adopted = false;

	while (!adopted || p->orphan < 0) {
		struct heard heard;
		int r = hear(p, &heard);

		if (r < 0)
			return r;
		switch (heard.message.kind) {
		case ORPHAN_MADE:
			p->orphan = heard.fd;
			break;
		case ORPHAN_ADOPTED:
			adopted = true;
			p->orphan_pid = heard.sender;
			p->adopter = heard.fd;
			ret->adopter_ns_pid = heard.message.adopter;
			break;
		default:
			ret->step = heard.message.step;
			/* of the one in there: a PID namespace that dies says ENOMEM, and nothing lacks here */
			return heard.message.error == ENOMEM ? -ENOMEM :
							       file_error(heard.message.error);
		}
	}
	return 0;
}

static void name_adopter(struct probe *p)
{
	struct probe_result *ret = &p->result;
	struct process now = { 0 };
	char path[32], text[1024];
	ssize_t n;

	if (p->adopter >= 0)
		ret->adopter = pin_pid(p->adopter);
	if (ret->adopter == 0 || p->procfd < 0 || pin_check_procfs(p->procfd) < 0)
		return;
	snprintf(path, sizeof(path), "%d/stat", ret->adopter);
	n = file_read_at(p->procfd, path, text, sizeof(text));
	if (n < 0 || proc_stat_parse(text, (size_t)n, &now) < 0 || pin_is_reaped(p->adopter))
		return;
	memcpy(ret->adopter_comm, now.comm, sizeof(now.comm));
}

static int reap(pid_t pid)
{
	int r;

	do
		r = waitpid(pid, NULL, 0);
	while (r < 0 && errno == EINTR);
	return r;
}

static int await_reaping(struct probe *p)
{
	struct probe_result *ret = &p->result;
	int64_t died;

	if (pin_await_end(p->orphan, left_ms(p)) < 0)
		return -ETIMEDOUT;
	died = clock_ns(CLOCK_MONOTONIC);
	/* coroner runs as the init of a container here: nobody else can reap it */
	if (ret->adopter == getpid())
		(void)reap(p->orphan_pid);
	ret->reaped = pin_await_reaped(&p->orphan, 1, -1, left_ms(p)) > 0;
	if (ret->reaped)
		ret->reaped_after_ms = (double)(clock_ns(CLOCK_MONOTONIC) - died) / 1e6;
	else
		ret->left_behind = p->orphan_pid;
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The guide and the middle end by themselves, unless somebody stops them */
static void end_child(struct probe *p)
{
	if (p->child <= 0)
		return;
	if (p->child_fd >= 0 && pin_await_end(p->child_fd, left_ms(p)) < 0)
		(void)pin_signal(p->child_fd, SIGKILL);
	(void)reap(p->child);
	p->child = 0;
}

/* Leave nothing behind: what still lives of our own is ended, by pidfd, and our child reaped */
static void finish(struct probe *p)
{
	close_fd(&p->socket);
	if (p->orphan >= 0 && pin_await_end(p->orphan, 0) < 0)
		(void)pin_signal(p->orphan, SIGKILL);
	end_child(p);
	close_fd(&p->child_fd);
	close_fd(&p->orphan);
	close_fd(&p->adopter);
	close_fd(&p->pidns);
}

static void start_clock(struct probe *p)
{
	p->deadline = clock_ns(CLOCK_MONOTONIC) + (int64_t)p->timeout_ms * 1000000;
}

int probe_start(int procfd, const struct process *in, unsigned timeout_ms, struct probe **ret)
{
	struct probe *p = xcalloc(1, sizeof(*p));
	int r = 0;

	*p = (struct probe){ .procfd = procfd,
			     .socket = -1,
			     .pidns = -1,
			     .child_fd = -1,
			     .orphan = -1,
			     .adopter = -1,
			     .timeout_ms = timeout_ms };
	start_clock(p);
	if (in)
		r = find_namespace(p, in);
	if (r == 0 && !p->result.elsewhere)
		find_own_namespace(p);
	if (r == 0)
		r = start(p);
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
	end_child(p); /* a zombie of ours is not to be seen beside the orphan's */
	name_adopter(p);
	start_clock(p);
	/* the orphan reads the end of it and exits */
	shutdown(p->socket, SHUT_RDWR);
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
