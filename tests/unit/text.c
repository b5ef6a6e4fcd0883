/* SPDX-License-Identifier: MIT */
/* Untrusted text: nothing raw reaches a terminal, JSON stays valid UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "render/text.h"

static void expect_printable(const char *raw, bool utf8, const char *wanted)
{
	auto_free char *text = text_printable(raw, strlen(raw), utf8);

	assert_string_equal(text, wanted);
}

static void sentences_keep_what_was_made_safe(void **state)
{
	auto_free char *text = text_sentence("'a\\x1b' and \033[m\xff", true);

	(void)state;
	assert_string_equal(text, "'a\\x1b' and \\x1b[m\\xff");
}

static void printable(void **state)
{
	(void)state;
	expect_printable("chrome", true, "chrome");
	expect_printable("", true, "");
	expect_printable("a b)", true, "a b)");
	expect_printable("\033[2J", true, "\\x1b[2J");
	expect_printable("a\nb\tc\r", true, "a\\nb\\tc\\x0d");
	expect_printable("back\\slash", true, "back\\\\slash");
	expect_printable("\x7f", true, "\\x7f");
	expect_printable("\xff\xfe", true, "\\xff\\xfe");
	expect_printable("gr\xc3\xbc\xc3\x9f", true, "gr\xc3\xbc\xc3\x9f");
	expect_printable("gr\xc3\xbc", false, "gr\\xc3\\xbc");
	/* CSI as one character of C1, a right-to-left override, a zero-width joiner, a BOM */
	expect_printable("\xc2\x9b", true, "\\xc2\\x9b");
	expect_printable("\xe2\x80\xae", true, "\\xe2\\x80\\xae");
	expect_printable("\xe2\x80\x8d", true, "\\xe2\\x80\\x8d");
	expect_printable("\xef\xbb\xbf", true, "\\xef\\xbb\\xbf");
	/* fillers, a separator, a joiner, selectors of a variant, a tag, what is no character */
	expect_printable("\xe3\x85\xa4", true, "\\xe3\\x85\\xa4");
	expect_printable("\xe1\x85\x9f\xe1\x85\xa0", true, "\\xe1\\x85\\x9f\\xe1\\x85\\xa0");
	expect_printable("\xe1\xa0\x8e", true, "\\xe1\\xa0\\x8e");
	expect_printable("\xcd\x8f", true, "\\xcd\\x8f");
	expect_printable("\xef\xb8\x8f", true, "\\xef\\xb8\\x8f");
	expect_printable("\xf3\xa0\x84\x80", true, "\\xf3\\xa0\\x84\\x80");
	expect_printable("\xf3\xa0\x81\x81", true, "\\xf3\\xa0\\x81\\x81");
	expect_printable("\xef\xb7\x90\xef\xbf\xbf", true, "\\xef\\xb7\\x90\\xef\\xbf\\xbf");
	/* marks: of a language, of none, on nothing */
	expect_printable("u\xcc\x88\xcc\x81", true, "u\xcc\x88\xcc\x81");
	expect_printable("Z\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81.", true,
			 "Z\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xe2\x80\xa6.");
	expect_printable("\xcc\x81x", true, "\\xcc\\x81x");
	/* overlong, surrogate, beyond Unicode, cut off */
	expect_printable("\xc0\xaf", true, "\\xc0\\xaf");
	expect_printable("\xed\xa0\x80", true, "\\xed\\xa0\\x80");
	expect_printable("\xf4\x90\x80\x80", true, "\\xf4\\x90\\x80\\x80");
	expect_printable("x\xe2\x82", true, "x\\xe2\\x82");
}

static void every_byte_is_safe(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		char raw[2] = { (char)byte, '\0' };
		auto_free char *text = text_printable(raw, 1, true);

		for (const char *s = text; *s; s++)
			assert_true(*s >= 0x20 && *s < 0x7f);
	}
}

static void utf8(void **state)
{
	static const struct {
		const char *raw, *wanted;
	} cases[] = { { "ok", "ok" },
		      { "\033", "\033" },
		      { "\xc3\xbc", "\xc3\xbc" },
		      { "\xff", "\xef\xbf\xbd" },
		      { "a\xe2\x82z", "a\xef\xbf\xbd\xef\xbf\xbdz" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_free char *text = text_utf8(cases[i].raw, strlen(cases[i].raw));

		assert_string_equal(text, cases[i].wanted);
	}
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("\xc3\xbc×"), 2);
	assert_int_equal(text_fit("abcdef", 4), 4);
	assert_int_equal(text_fit("\xc3\xbc\xc3\xbc", 1), 2);
	assert_int_equal(text_fit("abc", 0), 0);
}

static void wrapping(void **state)
{
	auto_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	text_wrap(out, "one two three four", 2, 9);
	fclose(out);
	assert_string_equal(text, "one two\n  three\n  four\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printable), cmocka_unit_test(every_byte_is_safe),
		cmocka_unit_test(utf8),	     cmocka_unit_test(widths),
		cmocka_unit_test(wrapping),  cmocka_unit_test(sentences_keep_what_was_made_safe),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
