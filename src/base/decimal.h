/* SPDX-License-Identifier: MIT */
#ifndef CORONER_DECIMAL_H
#define CORONER_DECIMAL_H

/*
 * Read a plain decimal without a sign at s: "10", "0.5", ".5", "1."; at most 18 characters, of which
 * at least one is a digit. strtod(3) would also take words, hexadecimals, exponents and the locale's
 * decimal point. Exact as strtod(3) is up to 15 digits.
 * Returns where it ends, or NULL and *ret untouched. Pure.
 */
const char *decimal_parse(const char *s, double *ret);

#endif
