/* SPDX-License-Identifier: MIT */
/* The probe's processes as strangers see them: what rights, descriptors and ends they have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "act/orphan.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "act/pin.h"
#include "base/base.h"
#include "base/file.h"

struct made {
	int socket;
	pid_t middle;
	int orphan; /* pidfd */
	pid_t pid;
	struct orphan_message adopted;
};

static void hear(int socket, struct orphan_message *ret, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec data = { ret, sizeof(*ret) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	const struct cmsghdr *c;

	assert_int_equal(recvmsg(socket, &message, 0), sizeof(*ret));
	c = CMSG_FIRSTHDR(&message);
	assert_non_null(c);
	memcpy(ret_fd, CMSG_DATA(c), sizeof(*ret_fd));
}

static void make(struct made *ret)
{
	int pair[2];
	pid_t creator = getpid();

	/* the adopter of the orphan is this test itself, which can then tell how it ended */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ret->socket = pair[0];
	ret->middle = fork();
	assert_true(ret->middle >= 0);
	if (ret->middle == 0)
		orphan_main(pair[1], -1, creator);
	close(pair[1]);
	for (int heard = 0; heard < 2; heard++) {
		struct orphan_message m;
		int fd;

		hear(ret->socket, &m, &fd);
		if (m.kind == ORPHAN_MADE) {
			ret->orphan = fd;
		} else {
			assert_int_equal(m.kind, ORPHAN_ADOPTED);
			ret->adopted = m;
			close(fd);
		}
	}
	ret->pid = pin_pid(ret->orphan);
	assert_true(ret->pid > 0);
}

static void unmake(struct made *m)
{
	int status;

	close(m->socket);
	assert_int_equal(waitpid(m->middle, &status, 0), m->middle);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	assert_int_equal(status, 0);
	close(m->orphan);
}

static void status_line(pid_t pid, const char *key, char *ret, size_t size)
{
	char path[32], text[8192], *line;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	assert_true(file_read_at(AT_FDCWD, path, text, sizeof(text)) > 0);
	line = strstr(text, key);
	assert_non_null(line);
	line += strlen(key);
	line += strspn(line, "\t ");
	snprintf(ret, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static void assert_status(pid_t pid, const char *key, const char *wanted)
{
	char value[64];

	status_line(pid, key, value, sizeof(value));
	assert_string_equal(value, wanted);
}

/* Strict seccomp comes right after the report: await it */
static void await_seccomp(pid_t pid)
{
	char value[64];

	do
		status_line(pid, "\nSeccomp:", value, sizeof(value));
	while (!streq(value, "1"));
}

static void test_adopter_and_end(void **state)
{
	struct made m = { 0 };

	(void)state;
	make(&m);
	assert_int_equal(m.adopted.adopter, getpid());
	unmake(&m); /* asserts status 0 of both */
}

static void test_holds_nothing(void **state)
{
	static const char none[] = "0000000000000000";
	struct made m = { 0 };
	int extra = open("/dev/null", O_RDONLY); /* not close-on-exec: must not be inherited */
	int n = 0;
	char path[32];
	DIR *dir;

	(void)state;
	make(&m);
	await_seccomp(m.pid);
	assert_status(m.pid, "\nCapEff:", none);
	assert_status(m.pid, "\nCapPrm:", none);
	assert_status(m.pid, "\nCapInh:", none);
	assert_status(m.pid, "\nNoNewPrivs:", "1");
	if (getuid() == 0) { /* its fd directory is root's: it cannot be traced */
		snprintf(path, sizeof(path), "/proc/%d/fd", m.pid);
		dir = opendir(path);
		assert_non_null(dir);
		for (const struct dirent *e; (e = readdir(dir));)
			n += e->d_name[0] != '.';
		closedir(dir);
		assert_int_equal(n, 1); /* the socket */
	}
	close(extra);
	unmake(&m);
}

/* Made by a plain user, who may trace all else of his: 0 when he cannot open its memory */
static int try_to_trace(void)
{
	struct made m = { 0 };
	char path[32];
	int r;

	if (getuid() == 0 && (setresgid(12321, 12321, 12321) || setresuid(12321, 12321, 12321)))
		return 2;
	/* the change of user has cleared it: proc(5) */
	prctl(PR_SET_DUMPABLE, 1);
	if (access("/proc/self/mem", R_OK) < 0)
		return 3;
	make(&m);
	snprintf(path, sizeof(path), "/proc/%d/mem", m.pid);
	r = open(path, O_RDONLY) < 0 ? 0 : 1;
	unmake(&m);
	return r;
}

static void test_cannot_be_traced(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(try_to_trace());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_creator_gone(void **state)
{
	int pair[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	pid = fork();
	if (pid == 0)
		orphan_main(pair[1], -1, getppid() + 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(pair[0]);
	close(pair[1]);
	/* it made nothing */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adopter_and_end),
		cmocka_unit_test(test_holds_nothing),
		cmocka_unit_test(test_cannot_be_traced),
		cmocka_unit_test(test_creator_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
