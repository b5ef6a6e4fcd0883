/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "judge/alerts/range.h"

static void ranges_of_the_guidelines_are_read(void **state)
{
	static const struct {
		const char *text;
		double inside, outside;
	} cases[] = {
		{ "10", 10, 10.5 },   { "10", 0, -1 },
		{ "10:", 10, 9 },     { "~:10", -99, 11 },
		{ "10:20", 20, 21 },  { "10:20", 10, 9.9 },
		{ "-5:-2", -5, -1 },  { "0.5:1.25", 1.25, 1.26 },
		{ "~:", 1e12, NAN },  { "0", 0, 0.001 },
		{ "0.7:", 0.7, 0.6 }, { "0.3", 0.3, 0.30000000000000004 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct range r;

		assert_int_equal(range_parse(cases[i].text, &r), 0);
		assert_false(range_alerts(&r, cases[i].inside));
		if (!isnan(cases[i].outside))
			assert_true(range_alerts(&r, cases[i].outside));
	}
}

static void an_at_sign_turns_it_round(void **state)
{
	struct range r;

	(void)state;
	assert_int_equal(range_parse("@10:20", &r), 0);
	assert_true(range_alerts(&r, 10));
	assert_true(range_alerts(&r, 20));
	assert_false(range_alerts(&r, 9));
	assert_int_equal(range_parse("@5", &r), 0);
	assert_true(range_alerts(&r, 0));
	assert_false(range_alerts(&r, 6));
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = {
		"",    "x",   "10:5", ":",   ":10",  "1:2:3", "@",
		"1e3", "0x1", "inf",  "nan", "10:x", "~",     "5:~",
		" 1",  "1 ",  "1.",   ".5",  "--1",  "@@1",   "99999999999999999999"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct range r;

		if (range_parse(bad[i], &r) != -EINVAL)
			fail_msg("'%s' was taken for a range", bad[i]);
	}
}

static void what_is_half_known_is_judged_by_its_bounds(void **state)
{
	struct range warn, crit;

	(void)state;
	assert_int_equal(range_parse("10", &warn), 0);
	assert_int_equal(range_parse("60", &crit), 0);
	assert_int_equal(range_state(&warn, &crit, 3, 3), CHECK_OK);
	assert_int_equal(range_state(&warn, &crit, 3, 9), CHECK_OK);
	assert_int_equal(range_state(&warn, &crit, 3, 30), CHECK_UNKNOWN);
	assert_int_equal(range_state(&warn, &crit, 11, 12), CHECK_WARNING);
	assert_int_equal(range_state(&warn, &crit, 11, 90), CHECK_WARNING);
	assert_int_equal(range_state(&warn, &crit, 61, INFINITY), CHECK_CRITICAL);
	assert_int_equal(range_state(NULL, NULL, 0, INFINITY), CHECK_OK);
}

static void unknown_is_worse_than_ok_only(void **state)
{
	(void)state;
	assert_int_equal(check_worse(CHECK_OK, CHECK_UNKNOWN), CHECK_UNKNOWN);
	assert_int_equal(check_worse(CHECK_UNKNOWN, CHECK_WARNING), CHECK_WARNING);
	assert_int_equal(check_worse(CHECK_CRITICAL, CHECK_UNKNOWN), CHECK_CRITICAL);
	assert_int_equal(check_worse(CHECK_OK, CHECK_OK), CHECK_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_of_the_guidelines_are_read),
		cmocka_unit_test(an_at_sign_turns_it_round),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(what_is_half_known_is_judged_by_its_bounds),
		cmocka_unit_test(unknown_is_worse_than_ok_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
