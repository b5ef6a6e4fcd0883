/* SPDX-License-Identifier: MIT */
/* The parser of /proc/PID/syscall: what a thread waits for, and how long it may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "inspect/text/syscall.h"

static void parse_syscall(const char *text, struct blocked_in *b)
{
	assert_int_equal(proc_syscall_parse(text, strlen(text), ABI_GUESS, b), 0);
}

#define SP_PC "0x7ffc00000000 0x7f0000000000\n"

static void parse_wait(int nr, const char *args, struct blocked_in *b)
{
	char text[256];

	snprintf(text, sizeof(text), "%d %s " SP_PC, nr, args);
	parse_syscall(text, b);
}

static void waits(void **state)
{
	struct blocked_in b;

	(void)state;
	parse_wait(SYS_wait4, "0xffffffff 0x7ffc 0x40000000 0x0 0x0 0x0", &b);
	assert_string_equal(b.name, "wait4");
	assert_int_equal(b.wait, WAIT_FOR_ANY);
	assert_true(b.options & WEXITED && b.options & __WALL);
	parse_wait(SYS_wait4, "0x2b 0x0 0x0 0x0 0x0 0x0", &b);
	assert_int_equal(b.wait, WAIT_FOR_PID);
	assert_int_equal(b.id, 43);
	parse_wait(SYS_wait4, "0xffffffd5 0x0 0x0 0x0 0x0 0x0", &b);
	assert_int_equal(b.wait, WAIT_FOR_GROUP);
	assert_int_equal(b.id, 43);
	parse_wait(SYS_wait4, "0x0 0x0 0x0 0x0 0x0 0x0", &b);
	assert_int_equal(b.wait, WAIT_FOR_GROUP);
	assert_int_equal(b.id, 0);
	/* INT_MIN has no positive and waits for nothing */
	parse_wait(SYS_wait4, "0xffffffff80000000 0x0 0x0 0x0 0x0 0x0", &b);
	assert_int_equal(b.wait, WAIT_FOR_NONE);
	assert_int_equal(b.id, 0);
	parse_wait(SYS_waitid, "0x0 0x0 0x0 0x2 0x0 0x0", &b);
	assert_int_equal(b.wait, WAIT_FOR_ANY);
	assert_false(b.options & WEXITED);
	parse_wait(SYS_waitid, "0x3 0x7 0x0 0x1000004 0x0 0x0", &b);
	assert_int_equal(b.wait, WAIT_FOR_PIDFD);
	assert_int_equal(b.id, 7);
	assert_true(b.options & WNOWAIT);
	parse_wait(SYS_rt_sigtimedwait, "0x7ffd1000 0x0 0x0 0x8 0x0 0x0", &b);
	assert_int_equal(b.wait, WAIT_FOR_SIGNALS);
	assert_int_equal(b.address, 0x7ffd1000);
	parse_wait(SYS_pause, "0x0 0x0 0x0 0x0 0x0 0x0", &b);
	assert_int_equal(b.wait, WAIT_FOR_NONE);
}

static void syscalls(void **state)
{
	struct blocked_in b;

	(void)state;
	parse_syscall("running\n", &b);
	assert_true(b.known && b.running);
	parse_syscall("-1 " SP_PC, &b);
	assert_true(b.known && !b.running && !b.name);
	/* a 32-bit task's numbers are another table's */
	parse_syscall("114 0xffffffff 0x0 0x0 0x0 0x0 0x0 0xffc00000 0xf7f00000\n", &b);
	assert_false(b.known);
	assert_int_equal(proc_syscall_parse("", 0, ABI_GUESS, &b), -EBADMSG);
	assert_int_equal(proc_syscall_parse("61 0x1 nonsense", 15, ABI_GUESS, &b), -EBADMSG);
	assert_int_equal(proc_syscall_parse("61 0x1 0x2 0x3 0x4", 18, ABI_GUESS, &b), -EBADMSG);
	assert_null(syscall_name(-1));
	assert_null(syscall_name(100000));
}

static void parse_compat(const char *text, struct blocked_in *b)
{
	assert_int_equal(proc_syscall_parse(text, strlen(text), ABI_COMPAT, b), 0);
	assert_true(b->known);
}

/* The numbers of the same calls in a 32-bit program */
static void syscalls_of_32_bits(void **state)
{
	static const char low[] = " 0xffc00000 0xf7f00000\n";
	struct blocked_in b;
	char text[128];

	(void)state;
	snprintf(text, sizeof(text), "114 0xffffffff 0x0 0x0 0x0 0x0 0x0%s", low);
	parse_syscall(text, &b);
	assert_true(b.ambiguous);
	parse_compat(text, &b);
	assert_string_equal(b.name, "wait4");
	assert_int_equal(b.wait, WAIT_FOR_ANY);
	snprintf(text, sizeof(text), "421 0xfff0 0x0 0xfff8 0x8 0x0 0x0%s", low);
	parse_compat(text, &b);
	assert_string_equal(b.name, "rt_sigtimedwait_time64");
	assert_int_equal(b.wait, WAIT_FOR_SIGNALS);
	assert_int_equal(b.address, 0xfff0);
	assert_int_equal(b.limit, LIMIT_IN_MEMORY);
	assert_false(b.limit_short);
	snprintf(text, sizeof(text), "162 0xfff0 0x0 0x0 0x0 0x0 0x0%s", low);
	parse_compat(text, &b);
	assert_string_equal(b.name, "nanosleep");
	assert_true(b.limit_short);
	/* one that nobody has heard of is a call, and no more is known */
	snprintf(text, sizeof(text), "9999 0x0 0x0 0x0 0x0 0x0 0x0%s", low);
	parse_compat(text, &b);
	assert_null(b.name);
	assert_int_equal(b.limit, LIMIT_UNKNOWN);
	/* and a 64-bit program may have both below 4 GiB */
	snprintf(text, sizeof(text), "%d 0xffffffff 0x0 0x0 0x0 0x0 0x0%s", SYS_wait4, low);
	assert_int_equal(proc_syscall_parse(text, strlen(text), ABI_NATIVE, &b), 0);
	assert_int_equal(b.wait, WAIT_FOR_ANY);
}

static void time_limits(void **state)
{
	static const int64_t wide[2] = { 7, 500 }, forever[2] = { INT64_MAX, 0 },
			     bad[2] = { 1, -1 };
	static const int32_t narrow[2] = { 7, 500 };
	struct blocked_in b;

	(void)state;
	parse_wait(SYS_epoll_pwait, "0x3 0x0 0x1 0xffffffff 0x0 0x0", &b);
	assert_int_equal(b.limit, LIMIT_NONE);
	parse_wait(SYS_epoll_pwait, "0x3 0x0 0x1 0x1388 0x0 0x0", &b);
	assert_int_equal(b.limit, LIMIT_KNOWN);
	assert_true(b.limit_ns == INT64_C(5000000000));
	parse_wait(SYS_pselect6, "0x3 0x0 0x0 0x0 0x0 0x0", &b);
	assert_int_equal(b.limit, LIMIT_NONE);
	parse_wait(SYS_futex, "0x7f00 0x80 0x0 0x7ffc 0x0 0x0", &b);
	assert_int_equal(b.limit, LIMIT_IN_MEMORY);
	assert_int_equal(b.limit_clock, LIMIT_RELATIVE);
	parse_wait(SYS_futex, "0x7f00 0x89 0x0 0x7ffc 0x0 0x0", &b);
	assert_int_equal(b.limit_clock, CLOCK_MONOTONIC);
	/* until an absolute time that is long past: nothing is left */
	limit_parse(wide, sizeof(wide), &b);
	assert_int_equal(b.limit, LIMIT_KNOWN);
	assert_true(b.limit_ns < INT64_C(8000000000));
	parse_wait(SYS_clock_nanosleep, "0x0 0x0 0x7ffc 0x0 0x0 0x0", &b);
	limit_parse(wide, sizeof(wide), &b);
	assert_true(b.limit == LIMIT_KNOWN && b.limit_ns == INT64_C(7000000500));
	limit_parse(forever, sizeof(forever), &b);
	assert_true(b.limit == LIMIT_KNOWN && b.limit_ns == INT64_MAX);
	limit_parse(bad, sizeof(bad), &b);
	assert_int_equal(b.limit, LIMIT_UNKNOWN);
	limit_parse(wide, 8, &b);
	assert_int_equal(b.limit, LIMIT_UNKNOWN);
	b.limit_short = b.limit_micro = true;
	limit_parse(narrow, sizeof(narrow), &b);
	assert_true(b.limit == LIMIT_KNOWN && b.limit_ns == INT64_C(7000500000));
	/* what may end it is not known for every call */
	parse_wait(SYS_io_getevents, "0x0 0x0 0x0 0x0 0x0 0x0", &b);
	assert_int_equal(b.limit, LIMIT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits),
		cmocka_unit_test(syscalls),
		cmocka_unit_test(syscalls_of_32_bits),
		cmocka_unit_test(time_limits),
	};

	return cmocka_run_group_tests_name("syscall", tests, NULL, NULL);
}
