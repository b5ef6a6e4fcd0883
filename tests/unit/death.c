/* SPDX-License-Identifier: MIT */
/* The time of death from the scheduler's notes: what bounds what, and what contradicts itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/base.h"
#include "census/death.h"

#define S INT64_C(1000000000)
#define MS INT64_C(1000000)

/* An hour after boot; the scheduler's clock started 7 ms late. */
static const struct death_clocks now = {
	.sched_clock = 3600 * S,
	.monotonic = 3600 * S + 7 * MS,
	.boottime = 3600 * S + 7 * MS,
};

static const struct death_evidence quick = {
	.last_arrival = 3500 * S,
	.last_run = 0,
	.runtime = 2 * MS,
	.start_monotonic = 3400 * S,
	.start_boottime = 3400 * S,
};

static void estimate(const struct death_evidence *e, const struct death_clocks *clocks,
		     int64_t *died, int64_t *error)
{
	assert_int_equal(death_estimate(e, clocks, died, error), 0);
}

/* A moment of the scheduler's clock lies between these two on the other */
static void a_moment_has_bounds(void **state)
{
	struct death_clocks clocks = now;
	int64_t earliest, latest;

	(void)state;
	assert_int_equal(death_clock_bounds(3500 * S, &clocks, &earliest, &latest), 0);
	assert_in_range(3500 * S + 7 * MS, earliest, latest);
	assert_in_range(latest - earliest, 1, 100 * MS);
	/* was the machine suspended before it, or after? */
	clocks.boottime += 600 * S;
	assert_int_equal(death_clock_bounds(3500 * S, &clocks, &earliest, &latest), 0);
	assert_in_range(3500 * S + 7 * MS, earliest, latest);
	assert_in_range(4100 * S + 7 * MS, earliest, latest);
	assert_int_equal(death_clock_bounds(0, &clocks, &earliest, &latest), -ENODATA);
	clocks.monotonic += 900 * S;
	assert_int_equal(death_clock_bounds(3500 * S, &clocks, &earliest, &latest), -ENODATA);
}

static void a_short_life_bounds_the_last_run(void **state)
{
	int64_t died, error;

	(void)state;
	estimate(&quick, &now, &died, &error);
	assert_in_range(died, 3500 * S, 3500 * S + 8 * MS);
	assert_in_range(error, 4 * MS, 60 * MS);
}

static void a_clock_nobody_stole_from_is_exact(void **state)
{
	struct death_evidence e = quick;
	int64_t died, error;

	(void)state;
	e.runtime = 100 * S;
	estimate(&e, &now, &died, &error);
	assert_true(error > 50 * S); /* it may have computed till now */

	e.task_clock = 3502 * S;
	estimate(&e, &now, &died, &error);
	assert_in_range(died, 3502 * S, 3502 * S + 8 * MS);
	assert_true(error < 10 * MS);
}

static void stolen_time_widens_and_others_narrow(void **state)
{
	static struct death_sample samples[] = {
		{ .cpu = 1, .task_clock = 3480 * S, .discount = 30 * S },
		{ .cpu = 0, .task_clock = 3400 * S, .discount = 18 * S },
		/* a task whose notes were reset in mid-run: later, yet less than before */
		{ .cpu = 0, .task_clock = 3483 * S, .discount = 2 * S },
		{ .cpu = 0, .task_clock = 3484 * S, .discount = 20 * S + 30 * MS },
		{ .cpu = 0, .task_clock = 3481 * S, .discount = 20 * S },
		{ .cpu = 0, .task_clock = 3550 * S, .discount = 24 * S },
	};
	struct death_evidence e = quick;
	int64_t died, error;

	(void)state;
	e.runtime = 100 * S;
	e.task_clock = 3482 * S; /* died at 3502 s, when 20.01 s had been stolen */
	e.discount_high = 25 * S;
	estimate(&e, &now, &died, &error);
	assert_in_range(died, 3500 * S, 3502 * S);
	assert_true(error > 5 * S);

	death_samples_sort(samples, ARRAY_SIZE(samples));
	death_narrow(samples, ARRAY_SIZE(samples), 0, &e);
	assert_int_equal(e.discount_low, 20 * S);
	assert_int_equal(e.discount_high, 20 * S + 30 * MS);
	estimate(&e, &now, &died, &error);
	assert_in_range(died, 3502 * S, 3502 * S + 8 * MS);
	assert_true(error < 40 * MS);
}

static void no_sample_of_that_cpu_changes_nothing(void **state)
{
	static const struct death_sample other = { .cpu = 7, .task_clock = S, .discount = S };
	struct death_evidence e = quick;

	(void)state;
	e.task_clock = 10 * S;
	e.discount_high = 5 * S;
	death_narrow(&other, 1, 3, &e);
	death_narrow(NULL, 0, 3, &e);
	assert_int_equal(e.discount_low, 0);
	assert_int_equal(e.discount_high, 5 * S);
}

static void threads_may_outlive_the_leader(void **state)
{
	struct death_evidence e = quick;
	int64_t died, error;

	(void)state;
	e.threads_outlived_it = true;
	estimate(&e, &now, &died, &error);
	assert_in_range(error, 100 * S, 101 * S);
}

static void suspend_is_a_gap_unless_it_was_before_birth(void **state)
{
	struct death_clocks resumed = now;
	struct death_evidence e = quick;
	int64_t died, error;

	(void)state;
	resumed.boottime += 1000 * S;
	estimate(&e, &resumed, &died, &error);
	assert_true(error > 1000 * S);

	e.start_boottime += 1000 * S;
	estimate(&e, &resumed, &died, &error);
	assert_in_range(died, 4500 * S, 4500 * S + 8 * MS);
	assert_true(error < 60 * MS);
}

static void steering_of_the_clock_counts_by_age(void **state)
{
	/* a hundred days at 20 ppm */
	static const struct death_clocks old = {
		.sched_clock = 8640000 * S,
		.monotonic = 8640000 * S + 172800 * MS,
		.boottime = 8640000 * S + 172800 * MS,
	};
	struct death_evidence e = quick;
	int64_t died, error;

	(void)state;
	e.last_arrival = old.sched_clock - 100 * S;
	estimate(&e, &old, &died, &error);
	assert_in_range(died, old.boottime - 100 * S - 10 * MS, old.boottime - 100 * S + 10 * MS);
	assert_true(error < 60 * MS);
	e.last_arrival = old.sched_clock - 864000 * S;
	estimate(&e, &old, &died, &error);
	assert_true(error > 500 * MS);
}

static void contradictions_are_no_answer(void **state)
{
	struct death_evidence e = quick;
	struct death_clocks apart = now;
	int64_t died = 1, error = 1;

	(void)state;
	e.last_arrival = 0;
	assert_int_equal(death_estimate(&e, &now, &died, &error), -ENODATA);
	e.last_arrival = now.sched_clock + S;
	assert_int_equal(death_estimate(&e, &now, &died, &error), -ENODATA);
	e = quick;
	e.task_clock = 3000 * S; /* left its CPU 500 s before it got it */
	assert_int_equal(death_estimate(&e, &now, &died, &error), -ENODATA);
	apart.monotonic *= 2;
	assert_int_equal(death_estimate(&quick, &apart, &died, &error), -ENODATA);
	assert_int_equal(died, 1);
	assert_int_equal(error, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moment_has_bounds),
		cmocka_unit_test(a_short_life_bounds_the_last_run),
		cmocka_unit_test(a_clock_nobody_stole_from_is_exact),
		cmocka_unit_test(stolen_time_widens_and_others_narrow),
		cmocka_unit_test(no_sample_of_that_cpu_changes_nothing),
		cmocka_unit_test(threads_may_outlive_the_leader),
		cmocka_unit_test(suspend_is_a_gap_unless_it_was_before_birth),
		cmocka_unit_test(steering_of_the_clock_counts_by_age),
		cmocka_unit_test(contradictions_are_no_answer),
	};

	return cmocka_run_group_tests_name("death", tests, NULL, NULL);
}
