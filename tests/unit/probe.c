/* SPDX-License-Identifier: MIT */
/* A coroner that is killed while it probes leaves nothing alive behind, whenever that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "act/pin.h"
#include "act/probe.h"
#include "base/base.h"
#include "base/duration.h"
#include "base/file.h"

#define KILLS 300

/* Whatever is orphaned below comes here; a hang ends the test by SIGALRM */
static void be_adopter(void)
{
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	alarm(60);
}

static _Noreturn void probe_and_rest(bool finish)
{
	struct probe_result result;
	struct probe *p;

	if (probe_start(-1, NULL, 60000, &p) == 0 && finish)
		(void)probe_finish(p, &result);
	for (;;)
		pause();
}

static void kill_it(pid_t pid)
{
	int fd = pin_open_child(pid);

	assert_true(fd >= 0);
	assert_int_equal(pin_signal(fd, SIGKILL), 0);
	close(fd);
}

/* All that there is below this process ends by itself: waits for the last of it */
static int reap_all(pid_t coroner)
{
	int n = 0, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, 0)) > 0) {
		if (pid != coroner && WIFEXITED(status))
			assert_int_equal(WEXITSTATUS(status), 0);
		n++;
	}
	assert_int_equal(errno, ECHILD);
	return n;
}

static int children(void)
{
	char path[48], text[512];
	ssize_t n;
	int count = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", gettid());
	n = file_read_at(AT_FDCWD, path, text, sizeof(text));
	assert_true(n >= 0);
	for (ssize_t i = 0; i < n; i++)
		count += text[i] == ' ';
	return count;
}

/* The orphan has been adopted and waits: only its coroner's end can tell it to go */
static void test_killed_while_the_orphan_lives(void **state)
{
	pid_t pid;

	(void)state;
	be_adopter();
	pid = fork();
	if (pid == 0)
		probe_and_rest(false);
	while (children() < 2)
		sleep_ms(1);
	kill_it(pid);
	assert_in_range(reap_all(pid), 2, 3); /* the middle is the killed one's, or was adopted */
}

static void test_killed_at_any_moment(void **state)
{
	(void)state;
	be_adopter();
	for (int i = 0; i < KILLS; i++) {
		int64_t until = clock_ns(CLOCK_MONOTONIC) + i * 10000; /* 0 to 3 ms */
		pid_t pid = fork();

		if (pid == 0)
			probe_and_rest(true);
		while (clock_ns(CLOCK_MONOTONIC) < until)
			;
		kill_it(pid);
		(void)reap_all(pid);
	}
}

static void test_adopter_that_reaps(void **state)
{
	int status, pipes[2];
	struct probe_result result = { 0 };
	pid_t pid, self = getpid();

	(void)state;
	be_adopter();
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct probe *p;
		int r = probe_start(-1, NULL, 20000, &p);

		if (r == 0)
			r = probe_finish(p, &result);
		if (write(pipes[1], &result, sizeof(result)) != (ssize_t)sizeof(result))
			_exit(2);
		_exit(r == 0 ? 0 : 1);
	}
	while (waitpid(-1, &status, 0) != pid)
		assert_int_equal(status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(read(pipes[0], &result, sizeof(result)), sizeof(result));
	assert_int_equal(result.adopter, self);
	assert_int_equal(result.adopter_ns_pid, self);
	assert_true(result.reaped);
	assert_int_equal(result.left_behind, 0);
	assert_false(result.elsewhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_while_the_orphan_lives),
		cmocka_unit_test(test_killed_at_any_moment),
		cmocka_unit_test(test_adopter_that_reaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
