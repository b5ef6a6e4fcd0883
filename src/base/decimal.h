/* SPDX-License-Identifier: MIT */
#ifndef CORONER_DECIMAL_H
#define CORONER_DECIMAL_H

#include <stdint.h>

/*
 * Read a plain decimal without a sign at s: "10", "0.5", ".5", "1."; at most 18 characters, of which
 * at least one is a digit. strtod(3) would also take words, hexadecimals, exponents and the locale's
 * decimal point. Exact as strtod(3) is up to 15 digits.
 * Returns where it ends, or NULL and *ret untouched. Pure.
 */
const char *decimal_parse(const char *s, double *ret);

enum { DECIMAL_SIZE = 21 }; /* of the longest that decimal_before() writes, and a NUL */

/*
 * Write a number so that it ends right before end, without a NUL: for paths below /proc and cells of
 * tables, thousands each, where snprintf(3) would show. Returns where it begins. Pure.
 */
char *decimal_before(char *end, uint64_t value);

#endif
