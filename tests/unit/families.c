/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "case/zombies/families.h"
#include "census.h"

/* 10 holds 11 and 14, 20 (a child of 10) holds 21; 12 lives; 30, 31 and 32 have a parent out of sight */
static const struct made all[] = {
	{ 10, 1, 'S' },	 { 11, 10, 'Z' }, { 12, 10, 'S' }, { 14, 10, 'Z' }, { 20, 10, 'S' },
	{ 21, 20, 'Z' }, { 30, 7, 'Z' },  { 31, 0, 'Z' },  { 32, 7, 'Z' },
};

static void group(struct census *c, const pid_t *about, size_t n, struct cases *ret)
{
	make_census(all, ARRAY_SIZE(all), c);
	*ret = (struct cases){ .census = c };
	families_group(ret, about, n);
}

static void end(struct cases *cases)
{
	free(cases->parents);
	free(cases->held);
	unmake_census(cases->census);
}

static void expect_family(const struct parent_case *p, pid_t parent, size_t n, const pid_t *zombies)
{
	assert_int_equal(p->details.process.pid, parent);
	assert_int_equal(p->n_zombies, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p->held[i]->pid, zombies[i]);
}

static void each_zombie_is_in_one_family(void **state)
{
	struct census census;
	struct cases cases;

	(void)state;
	group(&census, NULL, 0, &cases);
	assert_int_equal(cases.n, 4);
	expect_family(&cases.parents[0], 10, 2, (const pid_t[]){ 11, 14 });
	expect_family(&cases.parents[1], 20, 1, (const pid_t[]){ 21 });
	assert_ptr_equal(cases.parents[1].process, &census.procs[4]);
	/* those out of sight come last, by their number; nobody is taken for them */
	expect_family(&cases.parents[2], 0, 1, (const pid_t[]){ 31 });
	expect_family(&cases.parents[3], 7, 2, (const pid_t[]){ 30, 32 });
	assert_null(cases.parents[2].process);
	assert_null(cases.parents[3].process);
	end(&cases);
}

static void what_is_asked_narrows_those_in_sight(void **state)
{
	const pid_t living_child = 12, zombie = 21, stranger = 99;
	struct census census;
	struct cases cases;

	(void)state;
	group(&census, &living_child, 1, &cases);
	expect_family(&cases.parents[0], 10, 2, (const pid_t[]){ 11, 14 });
	assert_int_equal(cases.n, 3);
	end(&cases);
	group(&census, &zombie, 1, &cases);
	expect_family(&cases.parents[0], 20, 1, (const pid_t[]){ 21 });
	end(&cases);
	group(&census, &stranger, 1, &cases);
	assert_int_equal(cases.n, 2);
	assert_null(cases.parents[0].process);
	end(&cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_zombie_is_in_one_family),
		cmocka_unit_test(what_is_asked_narrows_those_in_sight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
