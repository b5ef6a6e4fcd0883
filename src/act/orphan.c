/* SPDX-License-Identifier: MIT */
#include "act/orphan.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/harden.h"

/* Between fork and exit here no library function is called that might take a lock or memory. */

static void tell(int socket, const struct orphan_message *m, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct orphan_message copy = *m;
	struct iovec data = { &copy, sizeof(copy) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (fd >= 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
	}
	/* one message each fits the socket; if nobody hears it any more, nobody needs it */
	(void)sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* exit_group(2) is not among the few calls of strict seccomp; this is the only thread */
static _Noreturn void leave(int status)
{
	for (;;)
		syscall(SYS_exit, status);
}

/* Status 0 even so: an adopter may act on a stranger's status */
static _Noreturn void fail(int socket, enum orphan_step step, int error)
{
	struct orphan_message m = { .kind = ORPHAN_FAILED, .step = step, .error = error };

	tell(socket, &m, -1);
	leave(0);
}

static void close_all_but(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	if (syscall(SYS_close_range, ~0U, ~0U, 0) < 0 && errno == ENOSYS) {
		/* before Linux 5.9; a coroner has few */
		for (int fd = 0; fd < 1024; fd++)
			if (fd != a && fd != b)
				close(fd);
		return;
	}
	if (a < 0 || b < 0) {
		low = high = (unsigned)(a < 0 ? b : a);
	} else if (high > low + 1) {
		(void)syscall(SYS_close_range, low + 1, high - 1, 0);
	}
	if (low > 0)
		(void)syscall(SYS_close_range, 0, low - 1, 0);
	(void)syscall(SYS_close_range, high + 1, ~0U, 0);
}

static int open_pid(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

/* Who is the parent now, and a pidfd of it, of the same process: it may end in between */
static pid_t adopter_of_this(int *ret_fd)
{
	for (;;) {
		pid_t parent = getppid();
		int fd = parent > 0 ? open_pid(parent) : -1;

		*ret_fd = fd;
		if (parent == getppid())
			return parent;
		if (fd >= 0)
			close(fd);
	}
}

static _Noreturn void orphan_life(int socket, int middle)
{
	struct orphan_message m = { .kind = ORPHAN_ADOPTED };
	struct pollfd polled = { .fd = middle, .events = POLLIN };
	char byte;
	int fd;

	/* readable only after the middle's children were given away: kernel/exit.c:exit_notify() */
	while (poll(&polled, 1, -1) < 1)
		;
	m.adopter = adopter_of_this(&fd);
	tell(socket, &m, fd);
	if (fd >= 0)
		close(fd);
	close(middle);
	/* from here on read, write and exit are all that anybody can make this process do */
	(void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	while (read(socket, &byte, 1) < 0)
		;
	leave(0);
}

static _Noreturn void middle_life(int socket)
{
	struct orphan_message m = { .kind = ORPHAN_MADE };
	int self = open_pid(getpid()), fd;
	pid_t orphan;

	if (self < 0)
		fail(socket, ORPHAN_STEP_PIDFD, -self);
	orphan = fork();
	if (orphan < 0)
		fail(socket, ORPHAN_STEP_FORK, errno);
	if (orphan == 0)
		orphan_life(socket, self);
	fd = open_pid(orphan);
	if (fd < 0)
		fail(socket, ORPHAN_STEP_PIDFD, -fd);
	tell(socket, &m, fd);
	leave(0);
}

/* The parent-death signal says nothing of a parent that has ended before it was set */
static void die_with(pid_t creator)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != creator)
		leave(0);
}

static _Noreturn void guide_life(int socket, int pidns)
{
	pid_t middle;

	if (setns(pidns, CLONE_NEWPID) < 0)
		fail(socket, ORPHAN_STEP_ENTER, errno);
	harden_drop_capabilities();
	close(pidns);
	middle = fork();
	if (middle < 0)
		fail(socket, ORPHAN_STEP_FORK, errno);
	if (middle == 0) {
		/* the guide is outside of its namespace: getppid(2) is 0 whoever it is */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		middle_life(socket);
	}
	close(socket);
	while (waitpid(middle, NULL, 0) < 0 && errno == EINTR)
		;
	leave(0);
}

void orphan_main(int socket, int pidns, pid_t creator)
{
	die_with(creator);
	close_all_but(socket, pidns);
	/* else whoever may trace it could act in coroner's file systems through it (ptrace(2)) */
	harden_against_tracing(true);
	if (pidns >= 0)
		guide_life(socket, pidns);
	harden_drop_capabilities();
	middle_life(socket);
}
