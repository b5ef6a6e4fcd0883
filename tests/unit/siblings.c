/* SPDX-License-Identifier: MIT */
/* Who stands behind a younger sibling was adopted, whatever the order of PIDs is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "census/index.h"
#include "census/siblings.h"

#define S UINT64_C(1000000000)
#define MOST 8

struct scene {
	struct process procs[MOST];
	struct process_kernel kernel[MOST];
	struct census c;
};

static uint64_t task_of(pid_t pid)
{
	return 0xffff888000000000 + (uint64_t)pid * 0x2a40;
}

/* An init with n children, numbered from 2 on: when each was born, and who stands before it in the list (0: nobody) */
static void begin(struct scene *s, size_t n, const uint64_t *born, const pid_t *before)
{
	*s = (struct scene){ .c = { .procs = s->procs, .kernel = s->kernel, .n = n + 1 } };
	s->c.taken_ns = 100 * (int64_t)S;
	s->procs[0] = (struct process){ .pid = 1 };
	s->kernel[0] = (struct process_kernel){ .task = task_of(1), .is_init = true };
	for (size_t i = 1; i <= n; i++) {
		pid_t pid = (pid_t)i + 1;

		s->procs[i] = (struct process){ .pid = pid, .ppid = 1, .start_ticks = 1 };
		s->kernel[i] = (struct process_kernel){
			.task = task_of(pid),
			.older_sibling = before[i - 1] ? task_of(before[i - 1]) : 0,
			.start_ns = born[i - 1],
		};
	}
	census_index(&s->c);
	census_link(&s->c);
	census_mark_late(&s->c);
}

static void expect_late(struct scene *s, const bool *late)
{
	for (size_t i = 1; i < s->c.n; i++)
		if (s->kernel[i].attached_late != late[i - 1])
			fail_msg("PID %d is %slate", s->procs[i].pid, late[i - 1] ? "not " : "");
	free(s->c.index);
	free(s->c.pidns_index);
}

static void who_came_in_order_is_not_late(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 4, (uint64_t[]){ 1 * S, 2 * S, 3 * S, 4 * S }, (pid_t[]){ 0, 2, 3, 4 });
	expect_late(&s, (bool[]){ false, false, false, false });
}

static void who_stands_behind_a_younger_one_is_late(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 4, (uint64_t[]){ 1 * S, 9 * S, 3 * S, 4 * S }, (pid_t[]){ 0, 2, 3, 4 });
	expect_late(&s, (bool[]){ false, false, true, true });
}

/* In the list: 5, 3, 2, 4 */
static void the_list_counts_and_not_the_order_of_pids(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 4, (uint64_t[]){ 8 * S, 2 * S, 7 * S, 5 * S }, (pid_t[]){ 3, 5, 2, 0 });
	expect_late(&s, (bool[]){ false, true, true, false });
}

static void nothing_follows_from_one_who_is_not_in_sight(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 3, (uint64_t[]){ 9 * S, 2 * S, 1 * S }, (pid_t[]){ 0, 7, 3 });
	expect_late(&s, (bool[]){ false, false, true });
}

/* As a race may read it */
static void a_circle_ends(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 3, (uint64_t[]){ 1 * S, 1 * S, 1 * S }, (pid_t[]){ 4, 2, 3 });
	expect_late(&s, (bool[]){ false, false, false });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_came_in_order_is_not_late),
		cmocka_unit_test(who_stands_behind_a_younger_one_is_late),
		cmocka_unit_test(the_list_counts_and_not_the_order_of_pids),
		cmocka_unit_test(nothing_follows_from_one_who_is_not_in_sight),
		cmocka_unit_test(a_circle_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
