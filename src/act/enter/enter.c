/* SPDX-License-Identifier: MIT */
#include "act/enter/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "act/enter/pid_max.h"
#include "act/pin.h"
#include "base/base.h"
#include "base/duration.h"
#include "base/harden.h"

/* -- the guide, from its own side, until it runs the program inside -- */

#define COMM_LEN 16
#define FIRST_USER 0x80000000u /* from here up nobody gives out user IDs: systemd's UIDS-GIDS.md */
#define USERS 0x3fffffffu

static void say(enum inside_said said, enum inside_step step, int value)
{
	const struct inside_message m = { (int)said, (int)step, value };

	/* one message each fits the socket; if nobody hears it any more, nobody needs it */
	(void)send(STDIN_FILENO, &m, sizeof(m), MSG_NOSIGNAL);
}

static _Noreturn void fail(enum inside_step step, int error)
{
	say(INSIDE_FAILED, step, error < 0 ? -error : error);
	_exit(1);
}

/* A user that nobody else is: what has it is ours. False where that cannot be had */
static bool become_nobody(unsigned n_tasks)
{
	const struct rlimit limit = { n_tasks, n_tasks };
	uint32_t user;

	if (getrandom(&user, sizeof(user), GRND_NONBLOCK) != (ssize_t)sizeof(user))
		return false;
	user = FIRST_USER | (user & USERS);
	/* in a user namespace it may have no meaning: EINVAL */
	if (setgroups(0, NULL) < 0 || setresgid(user, user, user) < 0 ||
	    setresuid(user, user, user) < 0)
		return false;
	/* so nobody can make these processes fork for him */
	(void)setrlimit(RLIMIT_NPROC, &limit);
	return true;
}

/* Its one descriptor becomes 0; the image goes with the exec */
static int keep_only(int socket, int image)
{
	/* both above the places that they take */
	socket = fcntl(socket, F_DUPFD_CLOEXEC, AIRLOCK_IMAGE + 1);
	image = fcntl(image, F_DUPFD_CLOEXEC, AIRLOCK_IMAGE + 1);
	if (socket < 0 || image < 0 || dup2(socket, STDIN_FILENO) < 0 ||
	    dup3(image, AIRLOCK_IMAGE, O_CLOEXEC) < 0)
		return -errno;
	harden_close_all_but(STDIN_FILENO, AIRLOCK_IMAGE);
	return AIRLOCK_IMAGE;
}

static _Noreturn void run_inside(int image, enum enter_purpose purpose, bool required)
{
	char comm[COMM_LEN] = "coroner", how[4] = { 0 };
	char *const argv[] = { comm, how, NULL };
	char *const none[] = { NULL };
	size_t n = 0;

	(void)prctl(PR_GET_NAME, comm);
	how[n++] = purpose == ENTER_ASK ? INSIDE_ASK : INSIDE_ORPHAN;
	if (!required)
		how[n++] = INSIDE_BARE;
	/* the guide and those it sends */
	if (become_nobody(purpose == ENTER_ASK ? 2 : 3))
		how[n++] = INSIDE_SWEEP;
	harden_drop_capabilities();
	(void)syscall(SYS_execveat, image, "", argv, none, AT_EMPTY_PATH);
	fail(INSIDE_STEP_START, errno);
}

static _Noreturn void be_guide(const struct airlock *a, int pidns, enum enter_purpose purpose,
			       int socket)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	struct airlock lock = *a;
	int image, r;

	(void)setsid(); /* out of reach of the terminal's keys: it sweeps up when coroner is gone */
	sigemptyset(&plain.sa_mask);
	sigaction(SIGCHLD, &plain, NULL);
	(void)sigprocmask(SIG_SETMASK, &plain.sa_mask, NULL);
	if (dup2(socket, STDIN_FILENO) < 0)
		_exit(1);
	r = pidns >= 0 ? airlock_enter(&lock) : 0;
	if (r < 0)
		fail(INSIDE_STEP_START, r);
	if (pidns >= 0 && setns(pidns, CLONE_NEWPID) < 0)
		fail(INSIDE_STEP_ENTER, errno);
	if (purpose == ENTER_ASK)
		say(INSIDE_PID_MAX, INSIDE_STEP_NONE, pid_max_of_children());
	image = keep_only(socket, lock.image);
	if (image < 0)
		fail(INSIDE_STEP_START, image);
	run_inside(image, purpose, pidns >= 0);
}

/* -- coroner's side -- */

int enter_start(const struct airlock *a, int pidns, enum enter_purpose purpose, struct entered *ret)
{
	struct entered e = { .guide_fd = -1, .socket = -1 };
	int pair[2], on = 1, r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	if (setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0) {
		r = -errno;
		close(pair[0]);
		close(pair[1]);
		return r;
	}
	fflush(NULL); /* it never flushes, but nothing of ours shall be twice in memory */
	e.guide = fork();
	if (e.guide == 0)
		be_guide(a, pidns, purpose, pair[1]);
	r = e.guide < 0 ? -errno : 0;
	close(pair[1]);
	e.socket = pair[0];
	if (r == 0)
		r = e.guide_fd = pin_open_child(e.guide);
	if (r < 0) {
		(void)entered_end(&e, 0);
		return r;
	}
	*ret = e;
	return 0;
}

static unsigned left_ms(int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_ns(CLOCK_MONOTONIC);

	return left > 0 ? (unsigned)((left + 999999) / 1000000) : 0;
}

static pid_t sender_of(struct msghdr *message)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);
	struct ucred credentials = { 0 };

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
		memcpy(&credentials, CMSG_DATA(c), sizeof(credentials));
	return credentials.pid;
}

int entered_hear(const struct entered *e, int64_t deadline_ns, struct entered_word *ret)
{
	/* room for the credentials alone: descriptors that a stranger sends are dropped by the kernel */
	union {
		struct cmsghdr header;
		char room[CMSG_LEN(sizeof(struct ucred))];
	} control;
	struct iovec data = { &ret->message, sizeof(ret->message) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control.room) };
	struct pollfd polled = { .fd = e->socket, .events = POLLIN };
	ssize_t n;

	while (poll(&polled, 1, (int)left_ms(deadline_ns)) < 1)
		if (left_ms(deadline_ns) == 0)
			return -ETIMEDOUT;
	n = recvmsg(e->socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n <= 0)
		return -ECONNRESET;
	ret->sender = n == (ssize_t)sizeof(ret->message) ? sender_of(&message) : 0;
	return 0;
}

void entered_let_middle_end(const struct entered *e)
{
	(void)shutdown(e->socket, SHUT_WR);
}

void entered_tell_orphan(const struct entered *e, pid_t orphan)
{
	/* unheard it only makes the guide less patient */
	(void)send(e->socket, &orphan, sizeof(orphan), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void entered_hang_up(struct entered *e)
{
	if (e->socket >= 0)
		close(e->socket);
	e->socket = -1;
}

int entered_end(struct entered *e, int64_t deadline_ns)
{
	int status = 0, r = -EBUSY;

	entered_hang_up(e);
	if (e->guide > 0 &&
	    (e->guide_fd < 0 || pin_await_end(e->guide_fd, left_ms(deadline_ns)) == 0)) {
		while (waitpid(e->guide, &status, 0) < 0 && errno == EINTR)
			;
		r = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBUSY;
	}
	if (e->guide_fd >= 0)
		close(e->guide_fd);
	*e = (struct entered){ .guide_fd = -1, .socket = -1 };
	return r;
}
