/* SPDX-License-Identifier: MIT */
/* Whose a zombie is: judge/whose.c. */
#include "judge/whose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct row {
	struct whose_evidence evidence;
	enum whose whose;
	bool proven;
};

static const struct row rows[] = {
	/* the adoption comes first, whatever came before an exec */
	{ { TRI_YES, true, TRI_UNKNOWN }, WHOSE_ADOPTED, true },
	{ { TRI_YES, false, TRI_UNKNOWN }, WHOSE_ADOPTED, false },
	{ { TRI_YES, false, TRI_NO }, WHOSE_ADOPTED, false },
	{ { TRI_YES, false, TRI_YES }, WHOSE_ADOPTED, false },
	/* another program of the same process has forked it: certain, even where the adoption is unknown */
	{ { TRI_NO, true, TRI_YES }, WHOSE_EARLIER, true },
	{ { TRI_NO, false, TRI_YES }, WHOSE_EARLIER, true },
	{ { TRI_UNKNOWN, false, TRI_YES }, WHOSE_EARLIER, true },
	/* where that is not known, it is no earlier one's */
	{ { TRI_UNKNOWN, false, TRI_UNKNOWN }, WHOSE_UNKNOWN, false },
	{ { TRI_NO, false, TRI_UNKNOWN }, WHOSE_OWN, false },
	{ { TRI_NO, true, TRI_NO }, WHOSE_OWN, true },
	{ { TRI_UNKNOWN, false, TRI_NO }, WHOSE_UNKNOWN, false },
};

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool proven = !rows[i].proven;

		assert_int_equal(whose_judge(&rows[i].evidence, &proven), rows[i].whose);
		assert_int_equal(proven, rows[i].proven);
	}
}

/* What is taken without --own must never be one that the program itself has started. */
static void own_children_are_never_taken_for_others(void **state)
{
	static const enum tri all[] = { TRI_NO, TRI_YES, TRI_UNKNOWN };
	bool proven;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const struct whose_evidence e = { all[i], false, TRI_NO };
		enum whose whose = whose_judge(&e, &proven);

		assert_int_equal(whose == WHOSE_ADOPTED || whose == WHOSE_EARLIER,
				 all[i] == TRI_YES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(own_children_are_never_taken_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
