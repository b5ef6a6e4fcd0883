/* SPDX-License-Identifier: MIT */
/* What a health check says, in every form of it. */
#ifndef CORONER_CHECK_WORDS_H
#define CORONER_CHECK_WORDS_H

#include "case/forks/health.h"

/* Room for the text of the status line: under 80 columns with "CORONER CRITICAL: ". */
#define CHECK_SUMMARY_WIDTH 60

/* Printable, without "|", which begins the performance data in the long output as well. */
struct check_words {
	char *summary; /* owned: one line */
	char **lines;  /* owned, each: verdicts and remedies */
	size_t n_lines, cap_lines;
};

/* Say it; free with check_words_done(). */
void check_words_say(const struct health *h, bool utf8, struct check_words *ret);
void check_words_done(struct check_words *w);

#define CHECK_VALUE_SIZE 40

/* A value as perfdata and all other forms write it: without an exponent, "U" where it is not known. Returns buf. */
const char *check_value(const struct check_metric *m, char buf[static CHECK_VALUE_SIZE]);

#endif
