/* SPDX-License-Identifier: MIT */
/* What could not be seen for want of rights: of whom, and which right it would take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rights.h"
#include "case/missing.h"
#include "case/zombies/cases.h"
#include "census.h"

static struct details refused(pid_t pid, char state, unsigned denied)
{
	return (struct details){ .process = { .pid = pid, .state = state }, .denied = denied };
}

static void a_refused_process_counts_once_for_all_that_was_refused(void **state)
{
	struct missing m = { 0 };
	struct details d = refused(7, 'S', WANT_DOING | WANT_SIGNALFD);

	(void)state;
	missing_add(&m, &d);
	assert_int_equal(m.what, WANT_DOING | WANT_SIGNALFD);
	assert_true(m.n == 1 && m.pids[0] == 7);
	d = refused(8, 'S', 0);
	missing_add(&m, &d);
	assert_int_equal(m.n, 1);
	missing_done(&m);
}

static void the_link_of_a_zombie_stands_for_its_exit_status(void **state)
{
	struct missing m = { 0 };
	struct details d = refused(7, 'Z', WANT_PIDNS);

	(void)state;
	missing_add(&m, &d);
	assert_int_equal(m.what, WANT_PIDNS | MISSING_EXIT);
	missing_done(&m);
	/* concluded from others: the status is still missing */
	d.have = WANT_PIDNS;
	missing_add(&m, &d);
	assert_int_equal(m.what, MISSING_EXIT);
	missing_done(&m);
	d.process.state = 'S';
	missing_add(&m, &d);
	assert_int_equal(m.n, 0);
	missing_done(&m);
}

static void a_case_is_its_parent_and_the_zombies_that_were_looked_at(void **state)
{
	struct zombie_case zombies[2] = { { .details = refused(11, 'Z', WANT_PIDNS) },
					  { .details = refused(12, 'Z', WANT_PIDNS) } };
	struct parent_case p = { .details = refused(10, 'S', WANT_DOING),
				 .zombies = zombies,
				 .n_zombies = 5,
				 .n_looked_at = 1 };
	struct missing m = { 0 }, all = { 0 };

	(void)state;
	missing_add_case(&m, &p);
	assert_int_equal(m.what, WANT_DOING | WANT_PIDNS | MISSING_EXIT);
	assert_true(m.n == 2 && m.pids[0] == 10 && m.pids[1] == 11);
	missing_take(&all, &m);
	assert_true(m.n == 0 && m.what == 0 && all.n == 2);
	missing_done(&all);
}

static void a_namespace_that_was_refused_is_all_its_processes(void **state)
{
	static const struct made made[] = { { 1, 0, 'S' }, { 10, 1, 'S' }, { 11, 10, 'S' } };
	uint32_t members[] = { 0, 1, 2 };
	struct pidns list[] = { { .refused = false, .processes = 1, .first = 0 },
				{ .refused = true, .processes = 2, .first = 1 } };
	const struct pidns_map map = { .members = members, .list = list, .n = 2 };
	struct missing m = { 0 };
	struct census c;

	(void)state;
	make_census(made, ARRAY_SIZE(made), &c);
	missing_add_pidns(&m, &c, &map, 0);
	assert_int_equal(m.n, 0);
	missing_add_pidns(&m, &c, &map, 1);
	assert_true(m.n == 2 && m.pids[0] == 10 && m.pids[1] == 11);
	assert_int_equal(m.what, WANT_PIDNS);
	missing_done(&m);
	unmake_census(&c);
}

/* The first few by number, each once; the last one is named rather than called one more */
static void a_note_names_the_first_few(void **state)
{
	struct sight sight = { .procfd = -1 };
	const struct missing_summary *s;
	struct missing m = { 0 };

	(void)state;
	for (pid_t pid = MISSING_NAMED; pid > 0; pid--) {
		struct details d = refused(pid, 'S', WANT_DOING);

		missing_add(&m, &d);
		missing_add(&m, &d);
	}
	missing_note(&sight, &m);
	assert_int_equal(m.n, 0);
	assert_int_equal(sight.notes.n, 1);
	assert_int_equal(sight.notes.list[0].code, REMARK_MISSING);
	s = &sight.notes.list[0].missing;
	assert_true(s->n == MISSING_NAMED && s->n_named == MISSING_NAMED);
	for (pid_t i = 0; i < MISSING_NAMED; i++)
		assert_int_equal(s->named[i], i + 1);
	sight_done(&sight);

	sight = (struct sight){ .procfd = -1 };
	for (pid_t pid = 1; pid <= MISSING_NAMED + 1; pid++) {
		struct details d = refused(pid, 'S', WANT_DOING);

		missing_add(&m, &d);
	}
	missing_note(&sight, &m);
	s = &sight.notes.list[0].missing;
	assert_true(s->n == MISSING_NAMED + 1 && s->n_named == MISSING_NAMED - 1);
	missing_note(&sight, &m);
	assert_int_equal(sight.notes.n, 1);
	sight_done(&sight);
}

static void the_right_that_it_takes(void **state)
{
	const uint64_t trace = RIGHT(CAP_SYS_PTRACE), read = RIGHT(CAP_DAC_READ_SEARCH);

	(void)state;
	assert_int_equal(missing_lack(WANT_DOING, 0, ACCESS_OTHER_USER), LACKS_TO_TRACE);
	assert_int_equal(missing_lack(WANT_DOING, 0, ACCESS_YAMA), LACKS_TO_TRACE_BY_YAMA);
	assert_int_equal(missing_lack(WANT_DOING, read, ACCESS_CAPABLE), LACKS_TO_TRACE_OR_EQUAL);
	assert_int_equal(missing_lack(WANT_PIDNS, 0, ACCESS_UNCLEAR), LACKS_TO_TRACE_OWN_USERS);
	/* files of mode 0400: CAP_SYS_PTRACE alone does not open them */
	assert_int_equal(missing_lack(WANT_DOING, trace, ACCESS_UNCLEAR), LACKS_TO_READ_FILES);
	assert_int_equal(missing_lack(WANT_DOING, trace | read, ACCESS_UNCLEAR), LACKS_NOTHING);
	assert_int_equal(missing_lack(WANT_DOING, trace | RIGHT(CAP_DAC_OVERRIDE), ACCESS_UNCLEAR),
			 LACKS_NOTHING);
	assert_int_equal(missing_lack(WANT_DOING | WANT_PIDNS, trace, ACCESS_UNCLEAR),
			 LACKS_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_process_counts_once_for_all_that_was_refused),
		cmocka_unit_test(the_link_of_a_zombie_stands_for_its_exit_status),
		cmocka_unit_test(a_case_is_its_parent_and_the_zombies_that_were_looked_at),
		cmocka_unit_test(a_namespace_that_was_refused_is_all_its_processes),
		cmocka_unit_test(a_note_names_the_first_few),
		cmocka_unit_test(the_right_that_it_takes),
	};

	return cmocka_run_group_tests_name("missing", tests, NULL, NULL);
}
