/* SPDX-License-Identifier: MIT */
/* What happened between two looks of watch, how fast, and when the tightest limit is hit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/duration.h"
#include "case/watch/watch_events.h"
#include "case/zombies/families.h"
#include "census.h"

/* A look at these processes, so many seconds after the beginning; the one before becomes w->before */
static void look(struct watch *w, const struct made *all, size_t n, double at_s)
{
	struct census *c = xcalloc(1, sizeof(*c));

	make_census(all, n, c);
	c->taken_ns = (int64_t)(at_s * NS_PER_S);
	if (w->looks > 0) {
		census_free(w->before);
		w->before = w->now.census;
		w->now.census = NULL;
		cases_done(&w->now);
	}
	w->now = (struct cases){ .census = c };
	families_group(&w->now, NULL, 0);
	for (size_t i = 0; i < w->now.n; i++)
		w->now.n_zombies += w->now.parents[i].n_zombies;
	watch_compare(w);
	w->looks++;
}

static void expect_event(const struct watch *w, size_t i, enum watch_kind kind, pid_t pid,
			 pid_t parent)
{
	assert_true(i < w->n_events);
	assert_int_equal(w->events[i].kind, kind);
	assert_int_equal(w->events[i].process.pid, pid);
	assert_int_equal(w->events[i].parent.pid, parent);
}

static void deaths_reaps_and_adoptions(void **state)
{
	static const struct made first[] = { { 1, 0, 'S' },   { 10, 1, 'S' },  { 11, 10, 'Z' },
					     { 12, 10, 'S' }, { 20, 10, 'S' }, { 21, 20, 'S' } };
	static const struct made second[] = {
		{ 1, 0, 'S' }, { 10, 1, 'S' }, { 12, 10, 'Z' }, { 13, 10, 'Z' }, { 21, 1, 'S' }
	};
	static const struct made third[] = { { 1, 0, 'S' }, { 13, 1, 'Z' }, { 21, 1, 'S' } };
	struct sight sight = { .procfd = -1 };
	struct watch w = { .sight = &sight };
	bool exact;

	(void)state;
	look(&w, first, ARRAY_SIZE(first), 100);
	assert_int_equal(w.n_events, 0);
	look(&w, second, ARRAY_SIZE(second), 102);
	assert_int_equal(w.n_events, 4);
	expect_event(&w, 0, WATCH_REAPED, 11, 10);
	assert_true(w.events[0].dead_s == 2 && !w.events[0].dead_exact);
	assert_false(w.events[0].parent_ended);
	expect_event(&w, 1, WATCH_DIED, 12, 10);
	expect_event(&w, 2, WATCH_DIED, 13, 10);
	expect_event(&w, 3, WATCH_ADOPTED, 21, 1);
	assert_int_equal(watch_count(&w, WATCH_DIED, 10), 2);
	assert_int_equal(watch_count(&w, WATCH_DIED, 1), 0);
	look(&w, third, ARRAY_SIZE(third), 103);
	assert_int_equal(w.n_events, 2);
	/* by it, or by its heir: the parent is gone as well */
	expect_event(&w, 0, WATCH_REAPED, 12, 10);
	assert_true(w.events[0].parent_ended);
	expect_event(&w, 1, WATCH_ADOPTED, 13, 1);
	assert_true(watch_dead_s(&w, census_find(w.now.census, 13), &exact) == 1 && !exact);
	assert_int_equal(w.n_recent, 6);
	watch_done(&w);
}

static void another_with_that_number_is_another(void **state)
{
	static const struct made all[] = { { 1, 0, 'S' }, { 10, 1, 'Z' } };
	struct sight sight = { .procfd = -1 };
	struct watch w = { .sight = &sight };

	(void)state;
	look(&w, all, ARRAY_SIZE(all), 100);
	w.now.census->procs[1].start_ticks = w.seen[0].start_ticks = 7;
	look(&w, all, ARRAY_SIZE(all), 101);
	assert_int_equal(w.n_events, 2);
	expect_event(&w, 0, WATCH_REAPED, 10, 1);
	expect_event(&w, 1, WATCH_DIED, 10, 1);
	watch_done(&w);
}

/* Half of what was, half of what is; the first step has nothing before it */
static void rates_are_smoothed(void **state)
{
	static const struct made none[] = { { 1, 0, 'S' } };
	static const struct made six[] = { { 1, 0, 'S' },  { 11, 1, 'Z' }, { 12, 1, 'Z' },
					   { 13, 1, 'Z' }, { 14, 1, 'Z' }, { 15, 1, 'Z' },
					   { 16, 1, 'Z' } };
	struct sight sight = { .procfd = -1 };
	struct watch w = { .sight = &sight };

	(void)state;
	look(&w, none, ARRAY_SIZE(none), 100);
	assert_true(w.died_rate == 0 && w.elapsed_s == 0);
	look(&w, six, ARRAY_SIZE(six), 102);
	assert_true(w.died_rate == 3 && w.reaped_rate == 0);
	look(&w, none, ARRAY_SIZE(none), 103);
	assert_true(w.died_rate == 1.5 && w.reaped_rate == 3);
	look(&w, none, ARRAY_SIZE(none), 104);
	assert_true(w.died_rate == 0.75 && w.reaped_rate == 1.5);
	assert_true(w.died == 6 && w.reaped == 6);
	watch_done(&w);
}

static struct limit limit_of(char *name, uint64_t current, uint64_t headroom)
{
	return (struct limit){ .kind = LIMIT_CGROUP,
			       .name = name,
			       .current = current,
			       .max = current + headroom,
			       .applies = true,
			       .has_headroom = true,
			       .headroom = headroom,
			       .exact = true };
}

/* One more step of a watch */
static void step(struct watch_limits *all, const struct limit *limits, size_t n, double elapsed_s,
		 bool first)
{
	struct watch_limits next = { 0 };

	watch_limits_add(&next, all, limits, n, elapsed_s, first);
	watch_limits_conclude(&next);
	watch_limits_done(all);
	*all = next;
}

static void the_tightest_is_hit_first_not_the_smallest(void **state)
{
	char a[] = "/a", b[] = "/b";
	struct limit looks[][2] = {
		{ limit_of(a, 10, 90), limit_of(b, 1000, 5000) },
		{ limit_of(a, 10, 90), limit_of(b, 2000, 4000) },
		{ limit_of(a, 20, 80), limit_of(b, 2000, 4000) },
		{ limit_of(a, 100, 0), limit_of(b, 5000, 1000) },
	};
	struct watch_limits all = { 0 };

	(void)state;
	/* nothing grows yet: the one with least left */
	step(&all, looks[0], 2, 0, false);
	assert_string_equal(all.list[all.tightest].name, "/a");
	assert_true(all.eta_s < 0);
	step(&all, looks[1], 2, 2, true);
	assert_string_equal(all.list[all.tightest].name, "/b");
	assert_true(all.list[1].growth == 500 && all.eta_s == 8);
	/* /b stands still for now: half its growth is left, and /a has begun to grow by 5 a second */
	step(&all, looks[2], 2, 2, false);
	assert_true(all.list[0].growth == 2.5 && all.list[1].growth == 250);
	assert_string_equal(all.list[all.tightest].name, "/b");
	assert_true(all.eta_s == 16);
	/* one that is hit comes before all that will be */
	step(&all, looks[3], 2, 2, false);
	assert_string_equal(all.list[all.tightest].name, "/a");
	assert_true(all.eta_s == 0);
	watch_limits_done(&all);
}

static void what_cannot_refuse_or_is_not_known_is_left_out(void **state)
{
	char a[] = "/a", b[] = "/b", c[] = "/c", d[] = "/d", first[] = "the machine", then[] = "it";
	struct limit limits[] = { limit_of(a, 10, 90), limit_of(b, 10, 90), limit_of(c, 10, 90),
				  limit_of(d, 10, 90), limit_of(d, 10, 90), limit_of(first, 7, 9) };
	struct watch_limits all = { 0 };

	(void)state;
	limits[0].applies = false;
	limits[1].has_headroom = false;
	limits[2].max = LIMIT_UNLIMITED;
	limits[5].kind = LIMIT_THREADS_MAX;
	step(&all, limits, ARRAY_SIZE(limits), 0, false);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.list[0].name, "/d");
	/* there is one of the machine, whatever it is called */
	limits[5] = limit_of(then, 8, 8);
	limits[5].kind = LIMIT_THREADS_MAX;
	step(&all, limits, ARRAY_SIZE(limits), 2, true);
	assert_true(all.list[1].growth == 0.5 && all.eta_s == 16);
	step(&all, NULL, 0, 2, false);
	assert_int_equal(all.tightest, -1);
	assert_true(all.eta_s < 0);
	watch_limits_done(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deaths_reaps_and_adoptions),
		cmocka_unit_test(another_with_that_number_is_another),
		cmocka_unit_test(rates_are_smoothed),
		cmocka_unit_test(the_tightest_is_hit_first_not_the_smallest),
		cmocka_unit_test(what_cannot_refuse_or_is_not_known_is_left_out),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
