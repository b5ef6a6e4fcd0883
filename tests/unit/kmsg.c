/* SPDX-License-Identifier: MIT */
/* Records of the kernel's log: which one tells of the first fork that a cgroup was refused, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "limits/kmsg.h"

#define TEXT "cgroup: fork rejected by pids controller in "

static void the_record_of_that_cgroup_tells_when(void **state)
{
	int64_t ns = -1;

	(void)state;
	assert_true(kmsg_is_refusal("6,1042,123456,-;" TEXT "/a/b\n", "/a/b", &ns));
	assert_int_equal(ns, 123456000);
	assert_true(kmsg_is_refusal("6,1043,7,-,caller=T12;" TEXT "/a/b", "/a/b", &ns));
	assert_int_equal(ns, 7000);
	/* a dictionary follows on lines of its own */
	assert_true(kmsg_is_refusal("6,1,8,-;" TEXT "/a\n SUBSYSTEM=x\n", "/a", &ns));
	assert_true(kmsg_is_refusal("6,1,9223372036854775,-;" TEXT "/a\n", "/a", &ns));
	assert_int_equal(ns, 9223372036854775000);
}

static void any_other_record_tells_nothing(void **state)
{
	static const char *const records[] = {
		"",
		";",
		TEXT "/a/b\n",
		"6,1042,123456,-;",
		"6,1042,123456,-;oom: " TEXT "/a/b\n",
		"6,1042,123456,-;" TEXT "/a\n",
		"6,1042,123456,-;" TEXT "/a/b/c\n",
		"6,1042,123456,-;" TEXT "/a/bc\n",
		"6,1042,123456,-;" TEXT "\n",
		"6,1042,-;" TEXT "/a/b\n",
		"6,1042,x,-;" TEXT "/a/b\n",
		/* more than 64 bits of nanoseconds hold */
		"6,1042,9223372036854776,-;" TEXT "/a/b\n",
		"6,1042,99999999999999999999,-;" TEXT "/a/b\n",
		/* what somebody wrote to /dev/kmsg behind a text of his own */
		"12,1042,123456,-;mine\n 6,1,2,-;" TEXT "/a/b\n",
	};
	int64_t ns = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
		assert_false(kmsg_is_refusal(records[i], "/a/b", &ns));
	assert_int_equal(ns, -1);
}

static void only_the_kernel_is_believed(void **state)
{
	int64_t ns = -1;

	(void)state;
	/* facility in the bits above the level: 1 and more are from user space (syslog(2)) */
	assert_false(kmsg_is_refusal("12,1042,123456,-;" TEXT "/a/b\n", "/a/b", &ns));
	assert_false(kmsg_is_refusal("14,1042,123456,-;" TEXT "/a/b\n", "/a/b", &ns));
	assert_int_equal(ns, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_record_of_that_cgroup_tells_when),
		cmocka_unit_test(any_other_record_tells_nothing),
		cmocka_unit_test(only_the_kernel_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
