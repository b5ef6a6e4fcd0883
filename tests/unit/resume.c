/* SPDX-License-Identifier: MIT */
/* What a stop does to system calls: act/reap/resume.c. That the kernel does so is tested in tests/reap.bats. */
#include "act/reap/resume.h"

#include <linux/futex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include <cmocka.h>

#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })
#define POINTER UINT64_C(0x7ffc00001000)

static void the_kernel_makes_most_waits_again(void **state)
{
	static const int calls[] = { SYS_nanosleep, SYS_ppoll,	       SYS_pselect6, SYS_futex,
				     SYS_wait4,	    SYS_waitid,	       SYS_read,     SYS_accept4,
				     SYS_msgrcv,    SYS_rt_sigsuspend, SYS_flock,    SYS_connect };

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		assert_int_equal(resume_of(calls[i], ARGS(0)), RESUME_ITSELF);
		assert_int_equal(resume_of(calls[i], ARGS(1, 2, 3, 4, 5, 6)), RESUME_ITSELF);
	}
	assert_int_equal(resume_of(-1, ARGS(0)), RESUME_RUNNING);
}

static void a_limit_decides_where_eintr_comes_back(void **state)
{
	(void)state;
	assert_int_equal(resume_of(SYS_epoll_pwait, ARGS(3, POINTER, 1, UINT64_MAX)), RESUME_ANEW);
	/* an int: the upper half of the register says nothing */
	assert_int_equal(resume_of(SYS_epoll_pwait, ARGS(3, POINTER, 1, 0xffffffff)), RESUME_ANEW);
	assert_int_equal(resume_of(SYS_epoll_pwait, ARGS(3, POINTER, 1, 0)), RESUME_LIMITED);
	assert_int_equal(resume_of(SYS_epoll_pwait, ARGS(3, POINTER, 1, 0x7fffffff)),
			 RESUME_LIMITED);
	assert_int_equal(resume_of(SYS_rt_sigtimedwait, ARGS(POINTER, 0, 0, 8)), RESUME_ANEW);
	assert_int_equal(resume_of(SYS_rt_sigtimedwait, ARGS(POINTER, 0, POINTER, 8)),
			 RESUME_LIMITED);
	assert_int_equal(resume_of(SYS_semop, ARGS(1, POINTER, 1, POINTER)), RESUME_ANEW);
	assert_int_equal(resume_of(SYS_semtimedop, ARGS(1, POINTER, 1, 0)), RESUME_ANEW);
	assert_int_equal(resume_of(SYS_semtimedop, ARGS(1, POINTER, 1, POINTER)), RESUME_LIMITED);
	assert_int_equal(resume_of(SYS_io_getevents, ARGS(1, 1, 1, POINTER, 0)), RESUME_ANEW);
	assert_int_equal(resume_of(SYS_io_getevents, ARGS(1, 1, 1, POINTER, POINTER)),
			 RESUME_LIMITED);
	/* IORING_ENTER_EXT_ARG (8) names a limit, IORING_ENTER_GETEVENTS (1) none */
	assert_int_equal(resume_of(SYS_io_uring_enter, ARGS(3, 0, 1, 1)), RESUME_ANEW);
	assert_int_equal(resume_of(SYS_io_uring_enter, ARGS(3, 0, 1, 1 | 8)), RESUME_LIMITED);
}

static void what_is_done_in_part_may_come_back_short(void **state)
{
	(void)state;
	assert_int_equal(resume_of(SYS_write, ARGS(1, POINTER, 1000)), RESUME_LIMITED);
	assert_int_equal(resume_of(SYS_sendmsg, ARGS(3, POINTER, 0)), RESUME_LIMITED);
	assert_int_equal(resume_of(SYS_recvfrom, ARGS(3, POINTER, 9, 0)), RESUME_ITSELF);
	assert_int_equal(resume_of(SYS_recvfrom, ARGS(3, POINTER, 9, MSG_WAITALL)), RESUME_LIMITED);
	assert_int_equal(resume_of(SYS_recvmsg, ARGS(3, POINTER, MSG_WAITALL)), RESUME_LIMITED);
}

static void what_the_table_does_not_hold_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(resume_of(SYS_ioctl, ARGS(0)), RESUME_UNKNOWN);
	assert_int_equal(resume_of(99999, ARGS(0)), RESUME_UNKNOWN);
}

static void eintr_of_a_stop_comes_from_some_calls_alone(void **state)
{
	(void)state;
	assert_true(resume_may_fail(SYS_recvfrom, ARGS(3, POINTER, 1)));
	assert_true(resume_may_fail(SYS_read, ARGS(3, POINTER, 1)));
	assert_true(resume_may_fail(SYS_epoll_pwait, ARGS(3, POINTER, 1, 5)));
	assert_true(resume_may_fail(SYS_ioctl, ARGS(0)));
	assert_false(resume_may_fail(SYS_ppoll, ARGS(0)));
	/* a time limit that may lie where what is left of it cannot be written */
	assert_true(resume_may_fail(SYS_ppoll, ARGS(POINTER, 1, POINTER)));
	assert_true(resume_may_fail(SYS_pselect6, ARGS(0, 0, 0, 0, POINTER)));
	assert_false(resume_may_fail(SYS_pselect6, ARGS(1, POINTER, 0, 0, 0)));
	assert_false(resume_may_fail(SYS_nanosleep, ARGS(POINTER)));
	assert_false(resume_may_fail(SYS_wait4, ARGS(0)));
}

static void restart_syscall_is_for_what_is_left_of_a_time(void **state)
{
	(void)state;
	assert_true(resume_by_block(SYS_nanosleep, ARGS(POINTER)));
	assert_true(resume_by_block(SYS_restart_syscall, ARGS(0)));
	assert_true(resume_by_block(SYS_clock_nanosleep, ARGS(CLOCK_MONOTONIC, 0, POINTER)));
	assert_false(resume_by_block(SYS_clock_nanosleep,
				     ARGS(CLOCK_MONOTONIC, TIMER_ABSTIME, POINTER)));
	assert_true(resume_by_block(SYS_futex, ARGS(POINTER, FUTEX_WAIT_PRIVATE, 0, POINTER)));
	assert_false(resume_by_block(SYS_futex, ARGS(POINTER, FUTEX_WAIT_PRIVATE, 0, 0)));
	assert_false(resume_by_block(SYS_futex, ARGS(POINTER, FUTEX_LOCK_PI, 0, POINTER)));
	assert_false(resume_by_block(SYS_read, ARGS(0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_makes_most_waits_again),
		cmocka_unit_test(a_limit_decides_where_eintr_comes_back),
		cmocka_unit_test(what_is_done_in_part_may_come_back_short),
		cmocka_unit_test(what_the_table_does_not_hold_is_unknown),
		cmocka_unit_test(eintr_of_a_stop_comes_from_some_calls_alone),
		cmocka_unit_test(restart_syscall_is_for_what_is_left_of_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
