/* SPDX-License-Identifier: MIT */
/* The columns of list: which there are by default, which were asked for, what a cell says. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/text/list_columns.h"

/* "pid,state,…": the names of the columns that are chosen */
static void expect_chosen(const char *names, bool zombies, size_t width, const char *expected)
{
	size_t chosen[LISTING_MAX_COLUMNS], n_columns;
	const struct list_column *columns = list_columns(zombies, &n_columns);
	char text[512] = "", *error = NULL;
	int n = list_choose(names, zombies, width, chosen, &error);

	assert_null(error);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		assert_true(chosen[i] < n_columns);
		strcat(strcat(text, i ? "," : ""), columns[chosen[i]].name);
	}
	assert_string_equal(text, expected);
}

static void expect_refused(const char *names, bool zombies, const char *part)
{
	size_t chosen[LISTING_MAX_COLUMNS];
	char *error = NULL;

	assert_int_equal(list_choose(names, zombies, 200, chosen, &error), -EINVAL);
	assert_non_null(strstr(error, part));
	free(error);
}

static void the_defaults_fit_the_width(void **state)
{
	(void)state;
	expect_chosen(NULL, false, 80,
		      "pid,nspid,state,command,zombies,oldest,sigchld,sigcgt,verdict");
	expect_chosen(NULL, false, 79, "pid,nspid,state,command,zombies,oldest,sigchld,verdict");
	expect_chosen(NULL, false, 71, "pid,state,command,zombies,oldest,sigchld,verdict");
	expect_chosen(NULL, false, 63, "pid,state,command,zombies,oldest,verdict");
	expect_chosen(NULL, false, 20, "pid,state,command,zombies,verdict");
	expect_chosen(NULL, true, 80, "pid,nspid,ppid,command,container,exit,dead,adopted,verdict");
	expect_chosen(NULL, true, 20, "pid,command,exit,verdict");
}

static void those_asked_for_are_taken_in_their_order_at_any_width(void **state)
{
	(void)state;
	expect_chosen("remedy,pid,sigcgt", false, 20, "remedy,pid,sigcgt");
	expect_chosen("pid,pid", false, 80, "pid,pid");
	expect_chosen("exit,blocker", true, 20, "exit,blocker");
}

static void what_is_no_column_is_refused_by_name(void **state)
{
	char many[LISTING_MAX_COLUMNS * 4 + 8] = "pid";

	(void)state;
	expect_refused("pid,verdikt", false, "no column 'verdikt'; did you mean 'verdict'?");
	/* that one is of the other table */
	expect_refused("blocker", false, "no column 'blocker'");
	expect_refused("zombies", true, "There are: pid,nspid,");
	expect_refused("", false, "is wanted");
	expect_refused(",", false, "is wanted");
	for (size_t i = 0; i < LISTING_MAX_COLUMNS; i++)
		strcat(many, ",pid");
	expect_refused(many, false, "");
}

/* What a column prints of a row, without its heading */
static void expect_cell(const char *name, const struct list_row *row, const char *expected)
{
	size_t n_columns, i = 0, size;
	const struct list_column *columns = list_columns(row->zombie != NULL, &n_columns);
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	struct table *t;

	while (i < n_columns && strcmp(columns[i].name, name) != 0)
		i++;
	assert_true(i < n_columns);
	t = table_new(&columns[i].column, 1);
	columns[i].put(t, row);
	table_print(t, out, 0, false, false, false);
	table_free(t);
	fclose(out);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, expected);
	free(text);
}

static void what_was_not_read_is_a_question_mark(void **state)
{
	const struct terminal terminal = { 0 };
	struct process dead = { .pid = 12, .ppid = 10, .state = 'Z', .exit_code = 3 << 8 };
	struct zombie_case z = { .process = &dead, .details.process = dead };
	struct parent_case p = { .details.process.pid = 10, .zombies = &z, .n_zombies = 1 };
	struct listing l = { .by_zombie = true };
	struct list_row of_parent = { &terminal, &l, NULL, &p, NULL };
	struct list_row of_zombie = { &terminal, &l, NULL, &p, &z };

	(void)state;
	expect_cell("sigcgt", &of_parent, "?");
	expect_cell("uid", &of_parent, "?");
	expect_cell("pidns", &of_zombie, "?");
	expect_cell("exit", &of_zombie, "?");
	expect_cell("adopted", &of_zombie, "?");
	p.evidence.masks_known = true;
	p.details.status.masks.caught = 0x10002;
	expect_cell("sigcgt", &of_parent, "10002");
	p.details.have = WANT_STATUS;
	p.details.status.uid = 77;
	expect_cell("uid", &of_parent, "77");
	z.exit_known = true;
	expect_cell("exit", &of_zombie, "3");
	dead.exit_code = 9 | 0x80;
	expect_cell("exit", &of_zombie, "SIGKILL core");
	z.adoption.adopted = TRI_YES;
	expect_cell("adopted", &of_zombie, "yes?");
	z.adoption.proven = true;
	expect_cell("adopted", &of_zombie, "yes");
}

/* The row of a zombie has its own verdict, that of a parent most of them */
static void a_verdict_is_marked_as_likely_and_as_mixed(void **state)
{
	const struct terminal terminal = { 0 };
	struct process dead = { .pid = 12, .ppid = 10, .state = 'Z' };
	struct zombie_case z = { .process = &dead,
				 .verdict = { .code = VERDICT_TRACED,
					      .certainty = CERTAINTY_PROVEN } };
	struct parent_case p = { .zombies = &z,
				 .n_zombies = 3,
				 .verdict = { .code = VERDICT_SIGCHLD_DEFAULT,
					      .certainty = CERTAINTY_LIKELY } };
	struct listing l = { .by_zombie = true };
	struct list_row of_parent = { &terminal, &l, NULL, &p, NULL };
	struct list_row of_zombie = { &terminal, &l, NULL, &p, &z };

	(void)state;
	expect_cell("verdict", &of_parent, "sigchld-default?");
	expect_cell("verdict", &of_zombie, "traced");
	p.verdict.certainty = CERTAINTY_PROVEN;
	p.verdict.mixed[VERDICT_TRACED] = 1;
	p.verdict.mixed[VERDICT_SIGCHLD_DEFAULT] = 2;
	expect_cell("verdict", &of_parent, "sigchld-default +");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_fit_the_width),
		cmocka_unit_test(those_asked_for_are_taken_in_their_order_at_any_width),
		cmocka_unit_test(what_is_no_column_is_refused_by_name),
		cmocka_unit_test(what_was_not_read_is_a_question_mark),
		cmocka_unit_test(a_verdict_is_marked_as_likely_and_as_mixed),
	};

	return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
