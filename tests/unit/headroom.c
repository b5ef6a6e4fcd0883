/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge/headroom.h"

static struct limit limit(enum limit_kind kind, uint64_t current, uint64_t max)
{
	return (struct limit){ .kind = kind,
			       .has_current = true,
			       .current = current,
			       .has_max = true,
			       .max = max,
			       .applies = true };
}

static uint64_t pids(uint64_t max, uint64_t used, uint64_t cursor, uint64_t used_low,
		     uint64_t free_low_ahead)
{
	const struct pid_numbers numbers = { .has_low = true,
					     .cursor = cursor,
					     .used_low = used_low,
					     .free_low_ahead = free_low_ahead };

	return headroom_of_pids(max, used, &numbers);
}

/* pid_max 700, an init and its child, 200 finished forks: 497 more fit */
static void low_numbers_behind_the_cursor_are_lost(void **state)
{
	(void)state;
	assert_int_equal(pids(700, 2, 203, 2, 97), 497);
}

static void past_the_reserved_numbers_only_higher_ones_count(void **state)
{
	(void)state;
	/* 400 numbers from 300 to 699, of which 10 - 3 are taken */
	assert_int_equal(pids(700, 10, 450, 3, 0), 393);
	assert_int_equal(pids(700, 10, 301, 3, 296), 393);
}

static void at_300_itself_the_search_may_still_wrap_to_1(void **state)
{
	(void)state;
	assert_int_equal(pids(700, 402, 300, 2, 0), 297);
	/* one free number above is taken first, and carries the cursor past them */
	assert_int_equal(pids(700, 401, 300, 2, 0), 1);
}

static void a_pid_max_below_the_reserved_numbers_wraps_to_1(void **state)
{
	(void)state;
	assert_int_equal(pids(300, 20, 250, 20, 49), 279);
	assert_int_equal(pids(100, 99, 50, 99, 0), 0);
	assert_int_equal(pids(301, 20, 250, 19, 50), 280);
}

static void a_namespace_over_its_max_has_no_room(void **state)
{
	(void)state;
	assert_int_equal(pids(400, 900, 350, 200, 0), 0);
	assert_int_equal(pids(0, 3, 5, 3, 0), 0);
}

static void numbers_from_a_lowered_max_up_are_in_nobodys_way(void **state)
{
	const struct pid_numbers numbers = {
		.has_low = true, .cursor = 3000, .used_low = 50, .used_high = 11
	};

	(void)state;
	/* 1200 numbers from 300 to 1499, of which 66 - 50 - 11 are taken */
	assert_int_equal(headroom_of_pids(1500, 66, &numbers), 1195);
}

static void without_the_cursor_it_is_a_bound(void **state)
{
	struct limit l = limit(LIMIT_PID_MAX, 10, 700);
	struct headroom h = headroom_judge(&l, 1);

	(void)state;
	assert_int_equal(h.total, 689);
	assert_true(h.unknown);
	assert_false(l.exact);
}

static void the_tightest_limit_that_applies_binds(void **state)
{
	struct limit l[] = {
		limit(LIMIT_CGROUP, 5, 20),
		limit(LIMIT_CGROUP, 90, 100),
		limit(LIMIT_THREADS_MAX, 500, 1000),
		limit(LIMIT_NPROC, 9, 10),
	};
	struct headroom h;

	(void)state;
	l[3].applies = false;
	h = headroom_judge(l, 4);
	assert_int_equal(h.binding, 1);
	assert_int_equal(h.total, 10);
	assert_true(l[3].has_headroom);
	assert_int_equal(l[3].headroom, 1);
	assert_false(h.unknown);
}

static void on_a_tie_the_first_one_binds(void **state)
{
	struct limit l[] = { limit(LIMIT_CGROUP, 5, 10), limit(LIMIT_CGROUP, 15, 20) };

	(void)state;
	assert_int_equal(headroom_judge(l, 2).binding, 0);
}

static void current_above_max_leaves_nothing(void **state)
{
	struct limit l = limit(LIMIT_CGROUP, 12, 8);
	struct headroom h = headroom_judge(&l, 1);

	(void)state;
	assert_true(h.has_total);
	assert_int_equal(h.total, 0);
}

static void unlimited_is_no_bound_and_unknown_is_no_zero(void **state)
{
	struct limit l[] = { limit(LIMIT_CGROUP, 12, LIMIT_UNLIMITED),
			     limit(LIMIT_PID_MAX, 12, 0) };
	struct headroom h;

	(void)state;
	l[1].has_max = false;
	h = headroom_judge(l, 2);
	assert_int_equal(h.binding, -1);
	assert_false(h.has_total);
	assert_true(h.unknown);
	assert_false(l[0].has_headroom);
	assert_false(l[1].has_headroom);
	h = headroom_judge(l, 1);
	assert_false(h.unknown);
}

static void a_refused_fork_says_that_nothing_is_left(void **state)
{
	struct limit l = { .kind = LIMIT_PID_MAX, .exhausted = true, .applies = true };
	struct headroom h = headroom_judge(&l, 1);

	(void)state;
	assert_true(h.has_total);
	assert_int_equal(h.total, 0);
	assert_int_equal(h.binding, 0);
}

static void usage_is_that_of_what_can_be_used(void **state)
{
	struct limit l[] = { limit(LIMIT_CGROUP, 25, 100), limit(LIMIT_CGROUP, 0, 0),
			     limit(LIMIT_CGROUP, 7, LIMIT_UNLIMITED) };

	(void)state;
	(void)headroom_judge(l, 3);
	assert_true(limit_usage(&l[0]) == 25.0);
	assert_true(limit_usage(&l[1]) == 100.0);
	assert_true(limit_usage(&l[2]) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(low_numbers_behind_the_cursor_are_lost),
		cmocka_unit_test(past_the_reserved_numbers_only_higher_ones_count),
		cmocka_unit_test(at_300_itself_the_search_may_still_wrap_to_1),
		cmocka_unit_test(a_pid_max_below_the_reserved_numbers_wraps_to_1),
		cmocka_unit_test(a_namespace_over_its_max_has_no_room),
		cmocka_unit_test(numbers_from_a_lowered_max_up_are_in_nobodys_way),
		cmocka_unit_test(without_the_cursor_it_is_a_bound),
		cmocka_unit_test(the_tightest_limit_that_applies_binds),
		cmocka_unit_test(on_a_tie_the_first_one_binds),
		cmocka_unit_test(current_above_max_leaves_nothing),
		cmocka_unit_test(unlimited_is_no_bound_and_unknown_is_no_zero),
		cmocka_unit_test(a_refused_fork_says_that_nothing_is_left),
		cmocka_unit_test(usage_is_that_of_what_can_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
