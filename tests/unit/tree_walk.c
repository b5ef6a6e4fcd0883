/* SPDX-License-Identifier: MIT */
/* The branches of tree: what is kept, in which order, how deep, and where the rest is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "case/tree/walk.h"
#include "census.h"

/*
 * 1 ─┬─ 10 ─┬─ 11 ─── 12
 *    │      ├─ 13
 *    │      └─ 14 ─── 15
 *    └─ 20 ─── 21
 * 30 ─── 31      (their parent is out of sight)
 */
static const struct made forest[] = {
	{ 1, 0, 'S' },	 { 10, 1, 'S' },  { 11, 10, 'S' }, { 12, 11, 'Z' },
	{ 13, 10, 'S' }, { 14, 10, 'S' }, { 15, 14, 'S' }, { 20, 1, 'S' },
	{ 21, 20, 'S' }, { 30, 7, 'S' },  { 31, 30, 'S' },
};

struct scene {
	struct census census;
	bool wanted[ARRAY_SIZE(forest)];
	struct tree_walk walk;
};

static void begin(struct scene *s, pid_t root, const pid_t *wanted, size_t n)
{
	*s = (struct scene){ 0 };
	make_census(forest, ARRAY_SIZE(forest), &s->census);
	for (size_t i = 0; i < n; i++)
		s->wanted[census_find(&s->census, wanted[i]) - s->census.procs] = true;
	s->walk.census = &s->census;
	s->walk.wanted = s->wanted;
	s->walk.root = root ? census_find(&s->census, root) : NULL;
	tree_walk_begin(&s->walk);
}

static void end(struct scene *s)
{
	tree_walk_end(&s->walk);
	unmake_census(&s->census);
}

struct step {
	pid_t pid;
	size_t depth, folded;
};

static void expect_walk(const struct scene *s, const struct step *steps, size_t n)
{
	const struct process *p = NULL;
	size_t depth = 99;

	for (size_t i = 0; i < n; i++) {
		p = tree_walk_next(&s->walk, p, &depth);
		assert_non_null(p);
		assert_int_equal(p->pid, steps[i].pid);
		assert_int_equal(depth, steps[i].depth);
		assert_int_equal(s->walk.folded[p - s->census.procs], steps[i].folded);
	}
	assert_null(tree_walk_next(&s->walk, p, &depth));
}

static void what_lies_above_is_kept_and_what_lies_beside_is_counted(void **state)
{
	static const pid_t wanted[] = { 12, 14 };
	static const struct step steps[] = {
		{ 1, 0, 2 }, { 10, 1, 1 }, { 11, 2, 0 }, { 12, 3, 0 }, { 14, 2, 1 },
	};
	struct scene s;

	(void)state;
	begin(&s, 0, wanted, ARRAY_SIZE(wanted));
	expect_walk(&s, steps, ARRAY_SIZE(steps));
	/* 30 and 31: nothing that is kept is above them */
	assert_int_equal(s.walk.folded_apart, 2);
	end(&s);
}

static void every_tree_of_the_forest_has_its_top(void **state)
{
	static const pid_t wanted[] = { 21, 31 };
	static const struct step steps[] = {
		{ 1, 0, 6 }, { 20, 1, 0 }, { 21, 2, 0 }, { 30, 0, 0 }, { 31, 1, 0 },
	};
	struct scene s;

	(void)state;
	begin(&s, 0, wanted, ARRAY_SIZE(wanted));
	expect_walk(&s, steps, ARRAY_SIZE(steps));
	assert_int_equal(s.walk.folded_apart, 0);
	end(&s);
}

static void a_root_is_the_top_and_bounds_what_is_kept(void **state)
{
	static const pid_t wanted[] = { 12, 21, 31 };
	static const struct step steps[] = { { 10, 0, 3 }, { 11, 1, 0 }, { 12, 2, 0 } };
	struct scene s;

	(void)state;
	begin(&s, 10, wanted, ARRAY_SIZE(wanted));
	expect_walk(&s, steps, ARRAY_SIZE(steps));
	assert_int_equal(s.walk.folded_apart, 5);
	end(&s);
}

static void a_root_is_kept_whatever_is_below_it(void **state)
{
	static const struct step steps[] = { { 14, 0, 1 } };
	struct scene s;

	(void)state;
	begin(&s, 14, NULL, 0);
	expect_walk(&s, steps, ARRAY_SIZE(steps));
	end(&s);
	begin(&s, 0, NULL, 0);
	expect_walk(&s, NULL, 0);
	assert_int_equal(s.walk.folded_apart, ARRAY_SIZE(forest));
	end(&s);
}

/* Of files made up by somebody: two are each other's parents, and born in one tick */
static void a_loop_of_parents_is_left_out(void **state)
{
	static const struct made made[] = {
		{ 1, 0, 'S' }, { 5, 6, 'S' }, { 6, 5, 'S' }, { 7, 6, 'S' }
	};
	struct census census;
	bool wanted[ARRAY_SIZE(made)] = { true };
	struct tree_walk walk = { .census = &census, .wanted = wanted };
	size_t depth;

	(void)state;
	make_census(made, ARRAY_SIZE(made), &census);
	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		census.procs[i].start_ticks = 100;
	census.n_zombies = 0;
	census_link(&census);
	assert_ptr_equal(census_parent(&census, &census.procs[1]), &census.procs[2]);
	assert_ptr_equal(census_parent(&census, &census.procs[2]), &census.procs[1]);
	tree_walk_begin(&walk);
	assert_ptr_equal(tree_walk_next(&walk, NULL, &depth), &census.procs[0]);
	assert_int_equal(walk.folded_apart, 3);
	tree_walk_end(&walk);
	walk.root = &census.procs[2];
	walk.folded_apart = 0;
	tree_walk_begin(&walk);
	assert_ptr_equal(tree_walk_next(&walk, NULL, &depth), &census.procs[2]);
	/* below the root is whatever has it above, be that in a circle */
	assert_int_equal(walk.folded[2], 2);
	assert_int_equal(walk.folded_apart, 1);
	tree_walk_end(&walk);
	unmake_census(&census);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_above_is_kept_and_what_lies_beside_is_counted),
		cmocka_unit_test(every_tree_of_the_forest_has_its_top),
		cmocka_unit_test(a_root_is_the_top_and_bounds_what_is_kept),
		cmocka_unit_test(a_root_is_kept_whatever_is_below_it),
		cmocka_unit_test(a_loop_of_parents_is_left_out),
	};

	return cmocka_run_group_tests_name("tree_walk", tests, NULL, NULL);
}
