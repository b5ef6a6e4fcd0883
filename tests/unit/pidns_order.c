/* SPDX-License-Identifier: MIT */
/* The order of PID namespaces: what lies in which, counted with all that is nested, loops included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inspect/pidns.h"

#define MOST 8

struct scene {
	struct pidns list[MOST];
	uint32_t of[MOST];
	struct pidns_map map;
};

/* Namespaces by the one around each, and processes by the namespace of each */
static void begin(struct scene *s, const int *parents, size_t n, const uint32_t *of, size_t n_procs)
{
	*s = (struct scene){ .map = { .list = s->list, .n = n, .of = s->of } };
	for (size_t i = 0; i < n; i++)
		s->list[i] = (struct pidns){ .parent = parents[i] };
	for (size_t i = 0; i < n_procs; i++) {
		s->of[i] = of[i];
		s->list[of[i]].processes++;
		s->list[of[i]].threads += 2;
		s->list[of[i]].zombies += i == 0;
	}
	pidns_order(&s->map, n_procs);
}

static void end(struct scene *s)
{
	free(s->map.members);
}

static void expect_members(const struct scene *s, size_t at, const uint32_t *members, size_t n)
{
	const struct pidns *ns = &s->list[at];

	assert_int_equal(ns->within.processes, n);
	assert_int_equal(ns->within.threads, 2 * n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(s->map.members[ns->first + i], members[i]);
}

/*
 * 0 ─┬─ 1 ─── 3
 *    └─ 4
 * 2 is nested in none that is in sight.
 */
static const int forest[] = { -1, 0, -1, 1, 0 };
static const uint32_t where[] = { 3, 0, 4, 1, 3, 2 };

static void what_is_nested_counts_for_all_around_it(void **state)
{
	static const uint32_t all[] = { 1, 3, 0, 4, 2 }, inner[] = { 3, 0, 4 }, apart[] = { 5 };
	struct scene s;

	(void)state;
	begin(&s, forest, ARRAY_SIZE(forest), where, ARRAY_SIZE(where));
	expect_members(&s, 0, all, ARRAY_SIZE(all));
	expect_members(&s, 1, inner, ARRAY_SIZE(inner));
	expect_members(&s, 2, apart, ARRAY_SIZE(apart));
	assert_int_equal(s.list[0].nested, 3);
	assert_int_equal(s.list[1].nested, 1);
	assert_int_equal(s.list[3].nested, 0);
	assert_int_equal(s.list[0].within.zombies, 1);
	assert_int_equal(s.list[4].within.zombies, 0);
	end(&s);
}

static void inside_is_what_lies_below(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, forest, ARRAY_SIZE(forest), where, ARRAY_SIZE(where));
	assert_true(pidns_is_inside(&s.map, 3, 0));
	assert_true(pidns_is_inside(&s.map, 3, 1));
	assert_true(pidns_is_inside(&s.map, 3, 3));
	assert_false(pidns_is_inside(&s.map, 1, 3));
	assert_false(pidns_is_inside(&s.map, 4, 1));
	assert_false(pidns_is_inside(&s.map, 2, 0));
	assert_false(pidns_is_inside(&s.map, 0, 2));
	end(&s);
}

/* A tree of files made up by somebody, or read while all of it changed */
static void a_loop_ends(void **state)
{
	static const int loop[] = { 2, 0, 1, 2 };
	static const uint32_t of[] = { 0, 1, 2, 3 };
	size_t places = 0;
	struct scene s;

	(void)state;
	begin(&s, loop, ARRAY_SIZE(loop), of, ARRAY_SIZE(of));
	for (size_t i = 0; i < ARRAY_SIZE(loop); i++)
		places |= (size_t)1 << s.list[i].place;
	assert_int_equal(places, 0xf);
	assert_int_equal(s.list[0].within.processes, 4);
	assert_true(pidns_is_inside(&s.map, 3, 2));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_nested_counts_for_all_around_it),
		cmocka_unit_test(inside_is_what_lies_below),
		cmocka_unit_test(a_loop_ends),
	};

	return cmocka_run_group_tests_name("pidns_order", tests, NULL, NULL);
}
