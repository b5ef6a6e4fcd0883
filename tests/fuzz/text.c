/* SPDX-License-Identifier: MIT */
/*
 * Foreign text: nothing that a terminal would obey gets through, nothing is lost, JSON and
 * OpenMetrics get what their own readers take. The C library and jansson judge, not our own decoder.
 */
#include "fuzz.h"

#include <jansson.h>
#include <locale.h>
#include <wchar.h>
#include <wctype.h>

#include "render/json.h"
#include "show/monitor/openmetrics.h"
#include "render/text.h"

/* Unicode's Bidi_Control and the other characters without a shape that reorder or hide text */
static bool is_invisible(wchar_t c)
{
	static const struct {
		wchar_t first, last;
	} bad[] = {
		{ 0xad, 0xad },	    { 0x61c, 0x61c },	{ 0x200b, 0x200f }, { 0x2028, 0x202e },
		{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f }
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (c >= bad[i].first && c <= bad[i].last)
			return true;
	return false;
}

static void require_printable(const char *text, bool utf8)
{
	mbstate_t state = { 0 };
	size_t left = strlen(text);

	while (left > 0) {
		wchar_t c;
		size_t n = mbrtowc(&c, text, left, &state);

		require(n >= 1 && n <= left);
		require(!iswcntrl((wint_t)c) && !is_invisible(c));
		require(utf8 || (c >= ' ' && c <= '~'));
		text += n;
		left -= n;
	}
}

/* What escaping made of the text, undone; owned by the caller */
static char *undo(const char *text, size_t *ret_len)
{
	char *raw = xmalloc(strlen(text) + 1);
	size_t n = 0;

	while (*text) {
		unsigned byte;

		if (*text != '\\') {
			raw[n++] = *text++;
			continue;
		}
		if (text[1] == 'x') {
			require(sscanf(text, "\\x%2x", &byte) == 1);
			raw[n++] = (char)byte;
			text += 4;
			continue;
		}
		require(text[1] && strchr("nt\\", text[1]));
		raw[n++] = text[1] == 'n' ? '\n' : text[1] == 't' ? '\t' : '\\';
		text += 2;
	}
	*ret_len = n;
	return raw;
}

static size_t count_ellipses(const char *text, size_t size)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	const char *end = text + size;
	size_t n = 0;

	while ((text = memmem(text, (size_t)(end - text), ellipsis, strlen(ellipsis)))) {
		text += strlen(ellipsis);
		n++;
	}
	return n;
}

static void printable(const char *raw, size_t size, bool utf8)
{
	auto_free char *text = text_printable(raw, size, utf8), *back = NULL;
	size_t len;

	require_printable(text, utf8);
	back = undo(text, &len);
	/* nothing is lost but what goes on in a run of marks, and that is shown */
	if (!utf8 || count_ellipses(text, strlen(text)) == count_ellipses(raw, size))
		require(len == size && memcmp(back, raw, size) == 0);
}

static void json(const char *raw, size_t size)
{
	auto_free char *text = text_utf8(raw, size), *again = text_utf8(text, strlen(text));
	json_t *direct = json_stringn(raw, strnlen(raw, size)), *made = json_raw_text(raw, size);
	auto_free char *dumped = json_dumps(made, JSON_ENCODE_ANY);
	json_t *loaded;

	require(streq(again, text));
	/* what was valid already stays as it was */
	if (direct)
		require(streq(json_string_value(direct), text));
	require(json_is_string(made) && streq(json_string_value(made), text));
	require(dumped);
	loaded = json_loads(dumped, JSON_DECODE_ANY, NULL);
	require(loaded && json_equal(loaded, made));
	json_decref(loaded);
	json_decref(direct);
	json_decref(made);
}

static void widths(const char *raw, size_t size, size_t width)
{
	auto_free char *text = text_printable(raw, size, true), *cut = NULL;
	size_t fits = text_fit(text, width);

	require(fits <= strlen(text));
	require(text_fit(text, text_width(text)) == strlen(text));
	cut = xstrndup(text, fits);
	require(text_width(cut) <= width);
	/* cut between characters, and no earlier than needed */
	require_printable(cut, true);
	require(!text[fits] || text_width(cut) + 2 > width);
}

static void require_wrapped(const char *line, size_t len, size_t indent, size_t width, bool first)
{
	auto_free char *copy = xstrndup(line, len);
	const char *words = copy + (first ? 0 : indent);

	require(first || strspn(copy, " ") >= indent);
	/* longer than the line only if one word is */
	require(text_width(copy) <= width || !strchr(words + strspn(words, " "), ' '));
}

static void wrapped(const char *raw, size_t size, size_t indent, size_t width)
{
	auto_free char *text = text_printable(raw, size, true), *printed = NULL;
	const char *from = text, *line;
	size_t len;
	FILE *out = open_memstream(&printed, &len);

	text_wrap(out, text, indent, width);
	fclose(out);
	require(len > 0 && printed[len - 1] == '\n');
	for (line = printed; *line; line += strcspn(line, "\n") + 1)
		require_wrapped(line, strcspn(line, "\n"), indent, width, line == printed);
	/* the same words in the same order */
	for (const char *s = printed; *s; s++) {
		if (*s == ' ' || *s == '\n')
			continue;
		from += strspn(from, " ");
		require(*from++ == *s);
	}
	require(from[strspn(from, " ")] == '\0');
}

/* name{label="VALUE"} 1: the value ends at the first quote that no backslash precedes */
static void metric(const char *raw, size_t size)
{
	auto_free char *value = xstrndup(raw, size), *printed = NULL, *inner = NULL, *wanted = NULL;
	const struct om_label label = { "comm", value };
	static const char head[] = "coroner_x{comm=\"";
	const char *s;
	size_t len, n = 0;
	FILE *out = open_memstream(&printed, &len);

	om_sample(out, "coroner_x", &label, 1, 1);
	fclose(out);
	require(has_prefix(printed, head));
	inner = xmalloc(len);
	for (s = printed + strlen(head); *s && *s != '"'; s++) {
		if (*s == '\\') {
			s++;
			require(*s == '\\' || *s == '"');
		}
		inner[n++] = *s;
	}
	inner[n] = '\0';
	require(streq(s, "\"} 1\n"));
	wanted = text_printable(value, strlen(value), true);
	require(streq(inner, wanted));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *raw = exact_copy(data, size);
	static bool begun;

	if (!begun)
		require(setlocale(LC_ALL, "C.UTF-8"));
	begun = true;
	printable(raw, size, true);
	printable(raw, size, false);
	json(raw, size);
	widths(raw, size, size % 12);
	widths(raw, size, 80);
	wrapped(raw, size, size % 5, 8 + size % 70);
	metric(raw, size);
	return 0;
}
