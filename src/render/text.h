/* SPDX-License-Identifier: MIT */
/*
 * The one place where text from processes (comm, cmdline, cgroup paths) is made safe: for a terminal
 * no control byte, escape sequence or bidirectional override passes, for JSON only valid UTF-8.
 */
#ifndef CORONER_TEXT_H
#define CORONER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * For people: bytes that are no printable character are written as \xNN, a newline as \n, a tab as
 * \t and a backslash as \\. So are characters that are not seen or change how others are seen (Unicode's
 * default ignorables, bidirectional controls); of combining marks on one character four are kept and the
 * rest is cut, for one U+2026. Without utf8 (a locale that is not UTF-8) all beyond ASCII is escaped.
 * Returns a string that the caller owns.
 */
char *text_printable(const char *raw, size_t len, bool utf8);

/*
 * The same for a sentence of which parts have been made safe already: a backslash stays as it is. Returns a
 * string that the caller owns.
 */
char *text_sentence(const char *raw, bool utf8);

/*
 * For JSON: each byte that belongs to no valid UTF-8 sequence (RFC 3629) becomes U+FFFD; control
 * characters stay, for json_write() escapes them. Returns a string that the caller owns; it
 * ends at the first NUL of raw.
 */
char *text_utf8(const char *raw, size_t len);

/* Terminal columns that a string made by text_printable() takes: wcwidth(3) of each character. */
size_t text_width(const char *s);

/* The longest prefix of s that fits into width columns, in bytes. */
size_t text_fit(const char *s, size_t width);

/*
 * Print words, broken at blanks so that no line is longer than width columns (0: one line), the
 * lines after the first indented. Ends in a newline.
 */
void text_wrap(FILE *out, const char *s, size_t indent, size_t width);

/* The same where used columns of the first line are taken already. */
void text_hang(FILE *out, const char *s, size_t used, size_t indent, size_t width);

/* Whether the locale's character set is UTF-8 (nl_langinfo(3)); setlocale(3) must have been called. */
bool text_locale_is_utf8(void);

/*
 * How many letters must be put in, left out or changed to make one word the other (Levenshtein): to name the
 * one that a mistyped word is nearest to. Words of more than 63 bytes are far from all. Pure.
 */
size_t text_distance(const char *a, const char *b);
/* The one of n names that a mistyped word is nearest to; NULL: more than half of it is wrong. Pure. */
const char *text_nearest(const char *word, const char *const *names, size_t n);

#endif
