/* SPDX-License-Identifier: MIT */
/* Memory that is made ready is there before it is touched, and holds what it held; rows that are kept for later are not. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "base/base.h"

enum { PAGES = 8, MOST = 1 << 17, HUGE = 2 << 20, ROW = 100, MANY = 60000 };

static size_t in_memory(void *start, size_t page)
{
	unsigned char there[PAGES];
	size_t n = 0;

	assert_int_equal(mincore(start, PAGES * page, there), 0);
	for (size_t i = 0; i < PAGES; i++)
		n += there[i] & 1;
	return n;
}

static char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void all_its_pages_are_there(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = map(PAGES * page);

	(void)state;
	assert_int_equal(in_memory(p, page), 0);
	memory_ready(p + page + 1, 2 * page);
	assert_int_equal(in_memory(p, page), 3);
	memory_ready(p, PAGES * page);
	assert_int_equal(in_memory(p, page), PAGES);
	munmap(p, PAGES * page);
}

static void what_is_in_it_stays(void **state)
{
	char *p = xmalloc(MOST);

	(void)state;
	memset(p, 'x', MOST / 2);
	memory_ready(p + 7, MOST - 7);
	for (size_t i = 0; i < MOST / 2; i++)
		assert_int_equal(p[i], 'x');
	free(p);
}

/* Nothing, and what cannot be written: a hint needs no answer */
static void what_cannot_be_is_no_error(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = map(page);

	(void)state;
	memory_ready(NULL, 0);
	assert_int_equal(mprotect(p, page, PROT_NONE), 0);
	memory_ready(p, page);
	munmap(p, page);
}

/* Pages are met once, so large ones cost less; none is in memory before it is written */
static void rows_begin_with_a_huge_page_and_cost_nothing_yet(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *rows = memory_rows(MANY, ROW);

	(void)state;
	assert_non_null(rows);
	assert_int_equal((uintptr_t)rows % HUGE, 0);
	/* a sanitizer fills the first */
	assert_in_range(in_memory(rows, page), 0, 1);
	rows[0] = 'x';
	rows[MANY * ROW - 1] = 'x';
	free(rows);
}

static void few_rows_are_no_huge_page(void **state)
{
	char *rows = memory_rows(2, ROW);

	(void)state;
	assert_non_null(rows);
	assert_true(malloc_usable_size(rows) < HUGE);
	free(rows);
}

/* Rows that nobody can hold: whoever asks does with fewer */
static void rows_without_room_are_none(void **state)
{
	(void)state;
	assert_null(memory_rows(SIZE_MAX / 2, ROW));
	assert_null(memory_rows(SIZE_MAX, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_its_pages_are_there),
		cmocka_unit_test(what_is_in_it_stays),
		cmocka_unit_test(what_cannot_be_is_no_error),
		cmocka_unit_test(rows_begin_with_a_huge_page_and_cost_nothing_yet),
		cmocka_unit_test(few_rows_are_no_huge_page),
		cmocka_unit_test(rows_without_room_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
