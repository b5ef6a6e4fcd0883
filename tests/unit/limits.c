/* SPDX-License-Identifier: MIT */
/* The parsers of limits/kernel.c and limits/numbers.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "inspect/text/status.h"
#include "limits/kernel.h"

static void loadavg_gives_tasks_and_the_last_number(void **state)
{
	uint64_t tasks, last;

	(void)state;
	assert_int_equal(loadavg_parse("1.28 0.61 0.31 1/94 31381\n", &tasks, &last), 0);
	assert_int_equal(tasks, 94);
	assert_int_equal(last, 31381);
	assert_int_equal(loadavg_parse("", &tasks, &last), -EBADMSG);
	assert_int_equal(loadavg_parse("1.28 0.61 0.31 1/x 31381", &tasks, &last), -EBADMSG);
}

static int nproc(const char *text, uint64_t *ret)
{
	return limits_parse_nproc(text, strlen(text), ret);
}

static void the_soft_limit_is_read(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_int_equal(nproc("Limit   Soft Limit   Hard Limit  Units\n"
			       "Max processes             20                   96365  processes \n",
			       &v),
			 0);
	assert_int_equal(v, 20);
	assert_int_equal(nproc("Max processes             unlimited            unlimited\n", &v),
			 0);
	assert_true(v == UINT64_MAX);
	v = 7;
	assert_int_equal(nproc("", &v), -EBADMSG);
	assert_int_equal(nproc("Max processes ", &v), -EBADMSG);
	assert_int_equal(nproc("Max processes    99999999999999999999999 1 \n", &v), -EBADMSG);
	assert_int_equal(nproc("Max open files    20    20 files\n", &v), -EBADMSG);
	assert_int_equal(v, 7);
}

static enum tri exempt(const char *text, enum tri root, enum tri in_init)
{
	struct proc_status s = { 0 };
	unsigned long long mask = 0;

	s.has_capabilities = sscanf(text, "CapEff:\t%llx", &mask) == 1;
	s.capabilities = mask;
	return nproc_exempt(&s, root, in_init);
}

static void root_and_two_capabilities_are_exempt(void **state)
{
	(void)state;
	assert_int_equal(exempt("CapEff:\t0000000000000000\n", TRI_YES, TRI_NO), TRI_YES);
	assert_int_equal(exempt("CapEff:\t0000000000000000\n", TRI_NO, TRI_YES), TRI_NO);
	/* CAP_SYS_RESOURCE is 24, CAP_SYS_ADMIN 21, CAP_SYS_PTRACE 19 */
	assert_int_equal(exempt("CapEff:\t0000000001000000\n", TRI_NO, TRI_YES), TRI_YES);
	assert_int_equal(exempt("CapEff:\t0000000000200000\n", TRI_NO, TRI_YES), TRI_YES);
	assert_int_equal(exempt("CapEff:\t0000000000200000\n", TRI_NO, TRI_UNKNOWN), TRI_UNKNOWN);
	assert_int_equal(exempt("CapEff:\t0000000000080000\n", TRI_NO, TRI_YES), TRI_NO);
	/* the root of another user namespace is nobody here, unless it may be the machine's */
	assert_int_equal(exempt("CapEff:\t000001ffffffffff\n", TRI_NO, TRI_NO), TRI_NO);
	assert_int_equal(exempt("CapEff:\t000001ffffffffff\n", TRI_UNKNOWN, TRI_NO), TRI_UNKNOWN);
	assert_int_equal(exempt("Uid:\t0\t0\t0\t0\n", TRI_NO, TRI_YES), TRI_UNKNOWN);
	assert_int_equal(exempt("", TRI_NO, TRI_YES), TRI_UNKNOWN);
}

static pid_t number(const char *text, int level)
{
	return proc_status_number(text, strlen(text), "NSpid:", level);
}

static void numbers_are_found_by_level(void **state)
{
	(void)state;
	assert_int_equal(number("Name:\tx\nNSpid:\t31\t7\t1\nNSsid:\t0\n", 0), 31);
	assert_int_equal(number("Name:\tx\nNSpid:\t31\t7\t1\nNSsid:\t0\n", 1), 7);
	assert_int_equal(number("Name:\tx\nNSpid:\t31\t7\t1\nNSsid:\t0\n", 2), 1);
	assert_int_equal(number("Name:\tx\nNSpid:\t31\t7\t1\nNSsid:\t0\n", 3), 0);
	assert_int_equal(number("NSpid:\t31", 0), 31);
	assert_int_equal(number("NSpid:", 0), 0);
	assert_int_equal(number("NSpid", 0), 0);
	assert_int_equal(number("", 0), 0);
	assert_int_equal(number("NSsid:\t5\n", 0), 0);
	/* a comm cannot start a line: the kernel escapes its newlines */
	assert_int_equal(number("Name:\tNSpid:\t9\nNSpid:\t4\n", 0), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loadavg_gives_tasks_and_the_last_number),
		cmocka_unit_test(the_soft_limit_is_read),
		cmocka_unit_test(root_and_two_capabilities_are_exempt),
		cmocka_unit_test(numbers_are_found_by_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
