/* SPDX-License-Identifier: MIT */
/* Whom coroner reap leaves alone at a look: kernel threads, which hold no zombie that a test could make, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "act/reap/reap_threads.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/base.h"

#define KERNEL_THREAD 0x00200000 /* PF_KTHREAD, Linux include/linux/sched.h */

static enum reap_refusal refusal(const struct process *parent, enum tri frozen)
{
	auto_close int procfd = open("/proc", O_DIRECTORY | O_CLOEXEC);
	struct reap_view view;
	enum reap_refusal why;

	assert_true(procfd >= 0);
	reap_look(procfd, parent, frozen, &view);
	why = view.refusal;
	assert_true((why == REAP_ALLOWED) == (view.n > 0));
	reap_view_done(&view);
	return why;
}

static void one_that_sleeps_may_be_stopped(void **state)
{
	const struct process parent = { .pid = *(pid_t *)*state, .state = 'S' };

	assert_int_equal(refusal(&parent, TRI_NO), REAP_ALLOWED);
	assert_int_equal(refusal(&parent, TRI_UNKNOWN), REAP_ALLOWED);
}

static void a_kernel_thread_may_not(void **state)
{
	const struct process parent = { .pid = *(pid_t *)*state,
					.state = 'S',
					.flags = KERNEL_THREAD };

	assert_int_equal(refusal(&parent, TRI_NO), REAP_KERNEL_THREAD);
}

static void nor_a_frozen_one(void **state)
{
	const struct process parent = { .pid = *(pid_t *)*state, .state = 'S' };

	assert_int_equal(refusal(&parent, TRI_YES), REAP_FROZEN);
}

static void a_dead_one_is_dying_and_nobody_is_gone(void **state)
{
	struct process parent = { .pid = fork(), .state = 'Z' };
	siginfo_t info;

	(void)state;
	if (parent.pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)parent.pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(refusal(&parent, TRI_NO), REAP_DYING);
	assert_int_equal(waitpid(parent.pid, NULL, 0), parent.pid);
	parent.state = 'S';
	assert_int_equal(refusal(&parent, TRI_NO), REAP_GONE);
}

static int start_sleeper(void **state)
{
	static pid_t pid;

	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	*state = &pid;
	return pid < 0;
}

static int end_sleeper(void **state)
{
	const pid_t pid = *(pid_t *)*state;

	kill(pid, SIGKILL); /* our own child, not waited for */
	return waitpid(pid, NULL, 0) != pid;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_sleeps_may_be_stopped),
		cmocka_unit_test(a_kernel_thread_may_not),
		cmocka_unit_test(nor_a_frozen_one),
		cmocka_unit_test(a_dead_one_is_dying_and_nobody_is_gone),
	};

	return cmocka_run_group_tests(tests, start_sleeper, end_sleeper);
}
