/* SPDX-License-Identifier: MIT */
#include "render/text.h"

#include <langinfo.h>
#include <wchar.h>

#include "base/base.h"

#define UTF8_MAX 4 /* bytes of one character */

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

/* Characters that change what is seen of the others, or that no font shows */
static bool is_treacherous(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff) || (c & 0xfffe) == 0xfffe;
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
	if (c == '\\')
		return put(to, "\\\\", 2);
	if (is_treacherous(c) || (c > 0x7e && !utf8))
		return put_escaped(to, s, n);
	return put(to, s, n);
}

char *text_printable(const char *raw, size_t len, bool utf8)
{
	const unsigned char *s = (const unsigned char *)raw, *end = s + len;
	/* four bytes for one is the most that escaping makes */
	char *text = xmalloc(4 * len + 1), *to = text;
	size_t n;

	for (; s < end; s += n) {
		uint32_t c;

		n = decode(s, (size_t)(end - s), &c);
		if (n == 0)
			to = put_escaped(to, s, n = 1);
		else
			to = put_printable(to, c, s, n, utf8);
	}
	*to = '\0';
	return text;
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
