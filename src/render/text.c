/* SPDX-License-Identifier: MIT */
#include "render/text.h"

#include <langinfo.h>
#include <wchar.h>

#include "base/base.h"

#define UTF8_MAX 4   /* bytes of one character */
#define MOST_MARKS 4 /* on one character: Hebrew and Vietnamese take up to three */

/* Length of the valid UTF-8 sequence at s (RFC 3629 section 4), its character; 0 for none */
static size_t decode(const unsigned char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80	   ? 1 :
		   s[0] >> 5 == 6  ? 2 :
		   s[0] >> 4 == 14 ? 3 :
		   s[0] >> 3 == 30 ? 4 :
				     0;
	uint32_t c;

	if (n == 0 || n > len)
		return 0;
	c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

struct span {
	uint32_t first, last;
};

static bool is_in(const struct span *list, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= list[i].first && c <= list[i].last)
			return true;
	return false;
}

/*
 * Characters that change what is seen of the others, or are not seen themselves: controls, Unicode's
 * Default_Ignorable_Code_Point (DerivedCoreProperties.txt), other format characters, the separators of
 * lines, a blank pattern of Braille, and what is no character.
 */
static bool is_treacherous(uint32_t c)
{
	static const struct span list[] = {
		{ 0x7f, 0x9f },	      { 0xad, 0xad },	    { 0x34f, 0x34f },
		{ 0x61c, 0x61c },     { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0x2800, 0x2800 },   { 0x3164, 0x3164 },
		{ 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0x13430, 0x13455 },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	return c < 0x20 || (c >= 0x7f && is_in(list, ARRAY_SIZE(list), c)) ||
	       (c & 0xfffe) == 0xfffe;
}

/*
 * Drawn over the character before it. wcwidth(3) knows them all, but only in a UTF-8 locale; the blocks
 * that hold nothing else are known in any.
 */
static bool is_combining(uint32_t c)
{
	static const struct span blocks[] = {
		{ 0x300, 0x36f },   { 0x483, 0x489 },	{ 0x591, 0x5bd },   { 0x64b, 0x65f },
		{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe20, 0xfe2f },
	};

	return c >= 0x300 && (is_in(blocks, ARRAY_SIZE(blocks), c) || wcwidth((wchar_t)c) == 0);
}

static char *put(char *to, const void *from, size_t n)
{
	memcpy(to, from, n);
	return to + n;
}

static char *put_escaped(char *to, const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to += snprintf(to, 5, "\\x%02x", s[i]);
	return to;
}

static char *put_printable(char *to, uint32_t c, const unsigned char *s, size_t n, bool utf8)
{
	if (c == '\n')
		return put(to, "\\n", 2);
	if (c == '\t')
		return put(to, "\\t", 2);
	if (is_treacherous(c) || (c > 0x7e && !utf8))
		return put_escaped(to, s, n);
	return put(to, s, n);
}

/*
 * A mark at the beginning would be drawn over what stands before the text; and more on one character
 * than any language has would cover the lines above and below: the rest of such a run is cut.
 */
static char *put_mark(char *to, size_t nth, const unsigned char *s, size_t n)
{
	if (nth <= MOST_MARKS)
		return put(to, s, n);
	return nth == MOST_MARKS + 1 ? put(to, "\xe2\x80\xa6", 3) : to;
}

static char *printable(const char *raw, size_t len, bool utf8, bool doubles_backslash)
{
	const unsigned char *s = (const unsigned char *)raw, *end = s + len;
	/* four bytes for one is the most that escaping makes */
	char *text = xmalloc(4 * len + 1), *to = text;
	size_t n, marks = 0;

	for (; s < end; s += n) {
		uint32_t c = 0;
		bool mark;

		n = decode(s, (size_t)(end - s), &c);
		mark = utf8 && n > 1 && !is_treacherous(c) && is_combining(c);
		marks = mark ? marks + 1 : 0;
		if (n == 0 || (mark && to == text))
			to = put_escaped(to, s, n = n ? n : 1);
		else if (mark)
			to = put_mark(to, marks, s, n);
		else if (c == '\\' && doubles_backslash)
			to = put(to, "\\\\", 2);
		else
			to = put_printable(to, c, s, n, utf8);
	}
	*to = '\0';
	return text;
}

char *text_printable(const char *raw, size_t len, bool utf8)
{
	return printable(raw, len, utf8, true);
}

char *text_sentence(const char *raw, bool utf8)
{
	return printable(raw, strlen(raw), utf8, false);
}

char *text_utf8(const char *raw, size_t len)
{
	const unsigned char *s = (const unsigned char *)raw;
	const unsigned char *end = s + strnlen(raw, len);
	/* U+FFFD takes three bytes for one */
	char *text = xmalloc(3 * (size_t)(end - s) + 1), *to = text;
	size_t n;

	for (; s < end; s += n) {
		uint32_t c;

		n = decode(s, (size_t)(end - s), &c);
		if (n)
			to = put(to, s, n);
		else
			to = put(to, "\xef\xbf\xbd", 3), n = 1;
	}
	*to = '\0';
	return text;
}

/* Columns of the character at s and its length; one that wcwidth(3) does not know takes one */
static size_t step(const char *s, size_t *ret_columns)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t c;
	/* the NUL at the end is no part of any sequence, so decode() stops there */
	size_t n = decode(u, UTF8_MAX, &c);
	int columns = n > 1 ? wcwidth((wchar_t)c) : 1;

	*ret_columns = columns < 0 ? 1 : (size_t)columns;
	return n ? n : 1;
}

size_t text_width(const char *s)
{
	size_t width = 0, columns;

	while (*s) {
		s += step(s, &columns);
		width += columns;
	}
	return width;
}

size_t text_fit(const char *s, size_t width)
{
	const char *p = s;
	size_t used = 0, columns;

	while (*p) {
		size_t n = step(p, &columns);

		if (used + columns > width)
			break;
		used += columns;
		p += n;
	}
	return (size_t)(p - s);
}

void text_hang(FILE *out, const char *s, size_t used, size_t indent, size_t width)
{
	bool begun = false; /* a word stands on this line already */

	while (*s) {
		size_t bytes = strcspn(s, " ");
		auto_free char *word = xstrndup(s, bytes);
		size_t columns = text_width(word);

		if (begun && width && used + 1 + columns > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			used = indent;
		} else if (begun) {
			fputc(' ', out);
			used++;
		}
		fputs(word, out);
		begun = true;
		used += columns;
		s += bytes;
		s += strspn(s, " ");
	}
	fputc('\n', out);
}

void text_wrap(FILE *out, const char *s, size_t indent, size_t width)
{
	text_hang(out, s, 0, indent, width);
}

bool text_locale_is_utf8(void)
{
	return streq(nl_langinfo(CODESET), "UTF-8");
}

size_t text_distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= ARRAY_SIZE(row) || strlen(a) >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; a[i]; i++) {
		size_t corner = row[0]++;

		for (size_t k = 1; k <= n; k++) {
			size_t least = corner + (a[i] != b[k - 1]);

			corner = row[k];
			if (row[k] + 1 < least)
				least = row[k] + 1;
			if (row[k - 1] + 1 < least)
				least = row[k - 1] + 1;
			row[k] = least;
		}
	}
	return row[n];
}

const char *text_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t least = strlen(word) / 2;

	for (size_t i = 0; i < n; i++) {
		size_t distance = text_distance(word, names[i]);

		if (distance > least || (best && distance == least))
			continue;
		best = names[i];
		least = distance;
	}
	return best;
}
