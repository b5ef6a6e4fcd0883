/* SPDX-License-Identifier: MIT */
/* What brings the zombies that were adopted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "judge/source.h"

static void expect(const struct stray *given, size_t n, enum source_kind kind)
{
	struct stray strays[8];

	assert_true(n <= ARRAY_SIZE(strays));
	memcpy(strays, given, n * sizeof(*given));
	assert_int_equal(source_judge(strays, n).kind, kind);
}

static void one_session(void **state)
{
	struct stray s[] = { { 50, 1000, false }, { 50, 1010, false } };

	(void)state;
	expect(s, 0, SOURCE_UNKNOWN);
	expect(s, 1, SOURCE_UNKNOWN);
	expect(s, 2, SOURCE_ONE_SESSION);
	s[0].leader_lives = s[1].leader_lives = true;
	expect(s, 2, SOURCE_ONE_LEADER);
	/* of two it is neither the one nor the other */
	s[1].sid = 51;
	expect(s, 2, SOURCE_UNKNOWN);
}

static void some_sessions(void **state)
{
	struct stray s[] = { { 70, 30000, false },
			     { 50, 1000, false },
			     { 60, 11000, false },
			     { 60, 11500, false } };

	(void)state;
	expect(s, 4, SOURCE_SESSIONS);
	expect(s, 2, SOURCE_UNKNOWN);
	s[2].leader_lives = true;
	expect(s, 4, SOURCE_UNKNOWN);
}

static void at_intervals(void **state)
{
	struct stray s[] = { { 80, 31400, false }, { 50, 1000, false },	 { 60, 11000, false },
			     { 60, 11900, false }, { 70, 21100, false }, { 90, 61400, false } };
	struct source got;

	(void)state;
	/* one of them was missed, or left nothing behind */
	got = source_judge(s, 6);
	assert_int_equal(got.kind, SOURCE_REGULAR);
	assert_in_range(got.every_ms, 9900, 10400);
	assert_int_equal(got.sessions, 5);
	assert_int_equal(got.n, 6);
	/* three intervals make a rule, two do not */
	expect((struct stray[]){ { 1, 0, false },
				 { 2, 5000, false },
				 { 3, 10000, false },
				 { 4, 15000, false } },
	       4, SOURCE_REGULAR);
	expect((struct stray[]){ { 1, 0, false }, { 2, 5000, false }, { 3, 10000, false } }, 3,
	       SOURCE_SESSIONS);
	expect((struct stray[]){ { 1, 0, false },
				 { 2, 5000, false },
				 { 3, 10000, false },
				 { 4, 19000, false } },
	       4, SOURCE_SESSIONS);
	/* nor what comes as fast as it can */
	expect(
		(struct stray[]){
			{ 1, 0, false }, { 2, 100, false }, { 3, 200, false }, { 4, 300, false } },
		4, SOURCE_SESSIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_session),
		cmocka_unit_test(some_sessions),
		cmocka_unit_test(at_intervals),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
