/* SPDX-License-Identifier: MIT */
/* Why a read was refused, as the kernel decides it: states that this machine need not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "inspect/trace/access.h"

#define STATUS(uids, gids, permitted)                                                   \
	"Name:\tx\\nUid:\t1 1 1 1\nUid:\t" uids "\nGid:\t" gids "\nCapPrm:\t" permitted \
	"\nCapBnd:\t0\n"

static enum access_refusal why(const struct access_reader *r, const char *status,
			       uint64_t *ret_lacks)
{
	return access_why(r, status, strlen(status), ret_lacks);
}

static void first_reason(void **state)
{
	const struct access_reader root = { .effective = 0x21 }, user = { .uid = 7, .gid = 8 };
	const struct access_reader yama = { .uid = 7, .gid = 8, .yama = 1 };
	uint64_t lacks;

	(void)state;
	assert_int_equal(why(&root, STATUS("0\t0\t0\t0", "0\t0\t0\t0", "00000000a80425fb"), &lacks),
			 ACCESS_CAPABLE);
	assert_int_equal(lacks, 0xa80425da);
	assert_int_equal(why(&root, STATUS("0\t0\t0\t0", "0\t0\t0\t0", "0000000000000020"), &lacks),
			 ACCESS_UNCLEAR);
	assert_int_equal(lacks, 0);
	/* a group counts as a user does, and so do the effective and the saved one */
	assert_int_equal(why(&user, STATUS("7\t7\t7\t7", "8\t8\t0\t8", "0000000000000000"), &lacks),
			 ACCESS_OTHER_USER);
	assert_int_equal(why(&user, STATUS("7\t0\t7\t7", "8\t8\t8\t8", "0000000000000000"), &lacks),
			 ACCESS_OTHER_USER);
	assert_int_equal(why(&yama, STATUS("7\t7\t7\t7", "8\t8\t8\t8", "0000000000000000"), &lacks),
			 ACCESS_YAMA);
	assert_int_equal(why(&yama, STATUS("7\t7\t7\t7", "8\t8\t8\t8", "0000000000000001"), &lacks),
			 ACCESS_CAPABLE);
	/* nothing to go by is no proof of one's own user */
	assert_int_equal(why(&root, "", &lacks), ACCESS_OTHER_USER);
	assert_int_equal(why(&root, "\nUid:\t0\n\nGid:\t", &lacks), ACCESS_OTHER_USER);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(first_reason) };

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
