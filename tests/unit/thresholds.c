/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge/alerts/thresholds.h"

static enum check_state judge(const struct check_thresholds *t, enum check_metric_index i,
			      double least, double most, bool early)
{
	struct check_metric m;

	check_judge(t, i, least, most, early, &m);
	assert_int_equal(m.index, i);
	assert_string_equal(m.name, check_metric_name(i));
	assert_int_equal(m.has_value, least >= most);
	return m.state;
}

static void defaults_alert_unless_they_are_switched_off(void **state)
{
	struct check_thresholds none = { .only_given = false }, off = none;

	(void)state;
	assert_int_equal(judge(&none, CHECK_METRIC_ZOMBIES, 10, 10, false), CHECK_OK);
	assert_int_equal(judge(&none, CHECK_METRIC_ZOMBIES, 11, 11, false), CHECK_WARNING);
	assert_int_equal(judge(&none, CHECK_METRIC_ZOMBIES, 101, 101, false), CHECK_CRITICAL);
	assert_int_equal(judge(&none, CHECK_METRIC_ORPHANS, 9999, 9999, false), CHECK_OK);
	off.warning[CHECK_METRIC_ZOMBIES] = (struct check_threshold){ true, "" };
	assert_int_equal(judge(&off, CHECK_METRIC_ZOMBIES, 11, 11, false), CHECK_OK);
	assert_int_equal(judge(&off, CHECK_METRIC_ZOMBIES, 101, 101, false), CHECK_CRITICAL);
	assert_false(check_asked(&off, CHECK_METRIC_ZOMBIES));
}

static void what_is_not_known_is_unknown_where_that_decides(void **state)
{
	struct check_thresholds none = { .only_given = false };

	(void)state;
	assert_int_equal(judge(&none, CHECK_METRIC_ZOMBIES, 0, INFINITY, false), CHECK_UNKNOWN);
	/* more than critical there are already */
	assert_int_equal(judge(&none, CHECK_METRIC_ZOMBIES, 101, INFINITY, false), CHECK_CRITICAL);
	assert_int_equal(judge(&none, CHECK_METRIC_ORPHANS, 0, INFINITY, false), CHECK_OK);
}

static void a_default_waits_and_a_threshold_that_is_asked_for_does_not(void **state)
{
	struct check_thresholds none = { .only_given = false }, asked = none;

	(void)state;
	asked.warning[CHECK_METRIC_UNFIT_INITS] = (struct check_threshold){ true, "0" };
	asked.warning[CHECK_METRIC_OLDEST] = (struct check_threshold){ true, "600" };
	assert_int_equal(judge(&none, CHECK_METRIC_UNFIT_INITS, 1, 1, false), CHECK_WARNING);
	assert_int_equal(judge(&none, CHECK_METRIC_UNFIT_INITS, 1, 1, true), CHECK_OK);
	assert_int_equal(judge(&asked, CHECK_METRIC_UNFIT_INITS, 1, 1, true), CHECK_WARNING);
	/* when it died is not to be had: between its birth and now */
	assert_int_equal(judge(&none, CHECK_METRIC_OLDEST, 1, 4000, false), CHECK_OK);
	assert_int_equal(judge(&asked, CHECK_METRIC_OLDEST, 1, 4000, false), CHECK_UNKNOWN);
}

static void only_lets_no_other_metric_alert(void **state)
{
	struct check_thresholds only = { .only_given = true };

	(void)state;
	only.only[CHECK_METRIC_PID_USAGE] = true;
	assert_int_equal(judge(&only, CHECK_METRIC_ZOMBIES, 5000, 5000, false), CHECK_OK);
	assert_int_equal(judge(&only, CHECK_METRIC_PID_USAGE, 96, 96, false), CHECK_CRITICAL);
	assert_true(check_alerts(&only, CHECK_METRIC_PID_USAGE));
	assert_false(check_alerts(&only, CHECK_METRIC_ZOMBIES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_alert_unless_they_are_switched_off),
		cmocka_unit_test(what_is_not_known_is_unknown_where_that_decides),
		cmocka_unit_test(a_default_waits_and_a_threshold_that_is_asked_for_does_not),
		cmocka_unit_test(only_lets_no_other_metric_alert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
