/* SPDX-License-Identifier: MIT */
/* A coroner that is killed while it probes leaves nothing alive behind, whenever that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "act/pin.h"
#include "act/enter/probe.h"
#include "base/base.h"
#include "base/duration.h"
#include "base/file.h"

#define KILLS 100

/* Whatever is orphaned below comes here; a hang ends the test by SIGALRM */
static void be_adopter(void)
{
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	alarm(60);
}

static _Noreturn void probe_and_rest(void)
{
	struct probe_result result;
	struct airlock airlock;
	struct probe *p;

	if (airlock_open(false, &airlock) == 0 && probe_start(&airlock, -1, NULL, 60000, &p) == 0)
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
static void reap_all(pid_t coroner)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, 0)) > 0) {
		if (pid != coroner && WIFEXITED(status))
			assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(errno, ECHILD);
}

static void test_killed_at_any_moment(void **state)
{
	(void)state;
	be_adopter();
	for (int i = 0; i < KILLS; i++) {
		int64_t until = clock_ns(CLOCK_MONOTONIC) + i * 30000; /* 0 to 3 ms */
		pid_t pid = fork();

		if (pid == 0)
			probe_and_rest();
		while (clock_ns(CLOCK_MONOTONIC) < until)
			;
		kill_it(pid);
		reap_all(pid);
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
		struct airlock airlock;
		struct probe *p;
		int r = airlock_open(false, &airlock);

		if (r == 0)
			r = probe_start(&airlock, -1, NULL, 20000, &p);
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
		cmocka_unit_test(test_killed_at_any_moment),
		cmocka_unit_test(test_adopter_that_reaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
