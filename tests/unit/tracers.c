/* SPDX-License-Identifier: MIT */
/* Who may trace others, by the text of /proc/PID/status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inspect/trace/tracers.h"

static enum tri of(const char *text)
{
	return tracer_by_status(text, strlen(text));
}

static void test_permitted(void **state)
{
	(void)state;
	assert_int_equal(of("Name:\tx\nUid:\t5\t5\t5\t5\nCapPrm:\t0000000000080000\nCapBnd:\t0\n"),
			 TRI_YES);
	assert_int_equal(of("Name:\tx\nUid:\t5\t5\t5\t5\nCapPrm:\t000001fffff7ffff\nCapBnd:\t0\n"),
			 TRI_NO);
}

/* A root that gave it up has it again after an exec, unless it is out of bounds */
static void test_bounding_set(void **state)
{
	(void)state;
	assert_int_equal(of("Name:\tx\nUid:\t5\t5\t0\t5\nCapPrm:\t0\nCapBnd:\t000001ffffffffff\n"),
			 TRI_YES);
	assert_int_equal(of("Name:\tx\nUid:\t0\t0\t0\t0\nCapPrm:\t0\nCapBnd:\t00000000a80425fb\n"),
			 TRI_NO);
	assert_int_equal(of("Name:\tx\nUid:\t5\t5\t5\t5\nCapPrm:\t0\nCapBnd:\t000001ffffffffff\n"),
			 TRI_NO);
}

static void test_unknown(void **state)
{
	(void)state;
	assert_int_equal(of(""), TRI_UNKNOWN);
	assert_int_equal(of("Name:\tx\nUid:\t0\t0\t0\t0\nCapPrm:\t0\n"), TRI_UNKNOWN);
	assert_int_equal(of("Name:\tx\nUid:\t0\nCapPrm:\t0\nCapBnd:\t0\n"), TRI_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_permitted),
		cmocka_unit_test(test_bounding_set),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
