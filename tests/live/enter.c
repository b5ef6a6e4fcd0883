/* SPDX-License-Identifier: MIT */
/* What is sent into a PID namespace as strangers see it: what rights, descriptors and ends it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "act/enter/enter.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "act/enter/pid_max.h"
#include "act/pin.h"
#include "base/base.h"
#include "base/duration.h"
#include "base/file.h"
#include "limits/kernel.h"

#define LONG_NS (INT64_C(20) * 1000000000)

struct made {
	struct airlock airlock;
	struct entered entered;
	pid_t middle, orphan;
	pid_t adopter; /* as the orphan says */
};

static int64_t later(void)
{
	return clock_ns(CLOCK_MONOTONIC) + LONG_NS;
}

static void take_word(struct made *m, const struct entered_word *word)
{
	switch (word->message.said) {
	case INSIDE_MADE:
		assert_int_equal(word->sender, m->entered.guide);
		m->middle = word->message.value;
		break;
	case INSIDE_HELLO:
		m->orphan = word->sender;
		break;
	case INSIDE_ADOPTED:
		assert_int_equal(word->sender, m->orphan);
		m->adopter = word->message.value;
		break;
	default:
		fail_msg("said %d step %d: %s", word->message.said, word->message.step,
			 strerror(word->message.value));
	}
}

/* An orphan at this spot or, where pidns is not -1, in there */
static void make(int pidns, struct made *m)
{
	bool told = false;

	*m = (struct made){ 0 };
	/* the adopter at this spot is this test itself, which can then tell how it ended */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(airlock_open(pidns >= 0, &m->airlock), 0);
	if (pidns >= 0)
		assert_int_equal(m->airlock.unsealed, 0);
	assert_int_equal(enter_start(&m->airlock, pidns, ENTER_ORPHAN, &m->entered), 0);
	while (m->adopter == 0) {
		struct entered_word word;

		assert_int_equal(entered_hear(&m->entered, later(), &word), 0);
		take_word(m, &word);
		if (m->middle && m->orphan && !told) {
			entered_tell_orphan(&m->entered, m->orphan);
			entered_let_middle_end(&m->entered);
			told = true;
		}
	}
	airlock_close(&m->airlock);
}

static void unmake(struct made *m)
{
	assert_int_equal(entered_end(&m->entered, later()), 0);
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

static int count_entries(pid_t pid, const char *name)
{
	auto_free char *path = xasprintf("/proc/%d/%s", pid, name);
	auto_dir DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	for (const struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.';
	return n;
}

static ino_t inode(pid_t pid, const char *name)
{
	auto_free char *path = xasprintf("/proc/%d/%s", pid, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void test_adopter_and_end(void **state)
{
	struct made m;
	int status;

	(void)state;
	make(-1, &m);
	assert_int_equal(m.adopter, getpid());
	unmake(&m);
	assert_int_equal(waitpid(m.orphan, &status, 0), m.orphan);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
}

static void assert_holds_nothing(pid_t pid)
{
	static const char none[] = "0000000000000000";
	char value[64];

	assert_status(pid, "\nCapEff:", none);
	assert_status(pid, "\nCapPrm:", none);
	assert_status(pid, "\nCapInh:", none);
	assert_status(pid, "\nNoNewPrivs:", "1");
	assert_status(pid, "\nSeccomp:", "2");
	if (getuid() != 0)
		return;
	/* its fd directory is root's: it cannot be traced */
	assert_int_equal(count_entries(pid, "fd"), 1); /* the socket */
	status_line(pid, "\nUid:", value, sizeof(value));
	assert_true(strtoul(value, NULL, 10) >= 0x80000000);
	status_line(pid, "\nGroups:", value, sizeof(value));
	assert_string_equal(value, "");
}

static void test_holds_nothing(void **state)
{
	int extra = open("/dev/null", O_RDONLY); /* not close-on-exec: must not be inherited */
	struct made m;

	(void)state;
	make(-1, &m);
	assert_holds_nothing(m.orphan);
	close(extra);
	unmake(&m);
	assert_int_equal(waitpid(m.orphan, NULL, 0), m.orphan);
}

/* An init that does nothing, in a PID namespace of its own; what it is in as a descriptor */
static pid_t init_new(int *ret_pidns)
{
	auto_free char *path = NULL;
	pid_t pid;

	assert_int_equal(unshare(CLONE_NEWPID), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	path = xasprintf("/proc/%d/ns/pid", pid);
	*ret_pidns = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(*ret_pidns >= 0);
	return pid;
}

static void init_end(pid_t pid, int pidns)
{
	int fd = pin_open_child(pid);
	auto_close int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);

	assert_int_equal(pin_signal(fd, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(setns(own, CLONE_NEWPID), 0);
	close(fd);
	close(pidns);
}

/* Whoever may look at it with every right finds empty files, namespaces and memory */
static void test_is_worth_nothing(void **state)
{
	static const char *const others[] = { "ns/mnt", "ns/net", "ns/ipc", "ns/uts", "ns/cgroup" };
	auto_free char *root = NULL, *exe = NULL;
	int pidns;
	pid_t init;
	struct made m;

	(void)state;
	if (getuid() != 0)
		skip();
	init = init_new(&pidns);
	make(pidns, &m);
	assert_int_equal(m.adopter, 1);
	assert_holds_nothing(m.orphan);
	assert_int_equal(inode(m.orphan, "ns/pid"), inode(init, "ns/pid"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_not_equal(inode(m.orphan, others[i]), inode(getpid(), others[i]));
	assert_int_equal(count_entries(m.orphan, "root"), 0);
	assert_int_equal(count_entries(m.orphan, "root/.."), 0);
	assert_int_equal(count_entries(m.orphan, "cwd"), 0);
	root = xasprintf("/proc/%d/root/new", m.orphan);
	assert_int_equal(open(root, O_WRONLY | O_CREAT, 0600), -1);
	exe = xasprintf("/proc/%d/exe", m.orphan);
	assert_int_equal(open(exe, O_WRONLY), -1);
	unmake(&m);
	init_end(init, pidns);
}

/* Made by a plain user, who may trace all else of his: 0 when he cannot open its memory */
static int try_to_trace(void)
{
	struct made m;
	char path[32];
	int r;

	if (getuid() == 0 && (setresgid(12321, 12321, 12321) || setresuid(12321, 12321, 12321)))
		return 2;
	/* the change of user has cleared it: proc(5) */
	prctl(PR_SET_DUMPABLE, 1);
	if (access("/proc/self/mem", R_OK) < 0)
		return 3;
	make(-1, &m);
	snprintf(path, sizeof(path), "/proc/%d/mem", m.orphan);
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

/* The orphan has been adopted and waits: only its coroner's end can tell it to go */
static void test_coroner_is_killed(void **state)
{
	int ready[2], status, fd;
	pid_t pid, ended;
	struct made m;
	char byte;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		make(-1, &m);
		_exit(write(ready[1], "", 1) == 1 ? pause() : 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	fd = pin_open_child(pid);
	assert_int_equal(pin_signal(fd, SIGKILL), 0);
	while ((ended = waitpid(-1, &status, 0)) > 0)
		assert_int_equal(status, ended == pid ? SIGKILL : 0);
	close(fd);
	close(ready[0]);
	close(ready[1]);
}

/* Asked from outside, of a namespace whose own one is lower */
static void test_pid_max(void **state)
{
	int pidns, status;
	pid_t init, pid;

	(void)state;
	if (getuid() != 0 || !pid_max_is_per_namespace())
		skip();
	init = init_new(&pidns);
	assert_int_equal(pid_max_of_children(), 4 * 1024 * 1024);
	pid = fork();
	if (pid == 0) {
		int fd = open("/proc/sys/kernel/pid_max", O_WRONLY);

		_exit(write(fd, "777", 3) == 3 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(pid_max_of_children(), 777);
	init_end(init, pidns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adopter_and_end),	  cmocka_unit_test(test_holds_nothing),
		cmocka_unit_test(test_is_worth_nothing),  cmocka_unit_test(test_cannot_be_traced),
		cmocka_unit_test(test_coroner_is_killed), cmocka_unit_test(test_pid_max),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
