/* SPDX-License-Identifier: MIT */
/* Streams into memory: what is written is there, at once and at any length, and its place is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memstream.h"

static void nothing_written_is_an_empty_text(void **state)
{
	auto_free char *text = NULL;
	size_t size = 7;
	FILE *out = memstream_open(&text, &size);

	(void)state;
	assert_int_equal(ftell(out), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, "");
	assert_int_equal(size, 0);
}

static void all_that_is_written_is_there(void **state)
{
	auto_free char *text = NULL;
	size_t size, n = 0;
	FILE *out = memstream_open(&text, &size);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		assert_int_equal(ftell(out), n);
		n += (size_t)fprintf(out, "%d ", i);
	}
	assert_int_equal(fwrite("\0x", 1, 2, out), 2);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(size, n + 2);
	assert_memory_equal(text, "0 1 2 3 4 5 ", 12);
	assert_memory_equal(text + n - 7, " 19999 \0x", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_written_is_an_empty_text),
		cmocka_unit_test(all_that_is_written_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
