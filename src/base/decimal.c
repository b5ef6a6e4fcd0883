/* SPDX-License-Identifier: MIT */
#include "base/decimal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_CHARACTERS 18 /* their digits fit 64 bits, and ten to their number is exact */

const char *decimal_parse(const char *s, double *ret)
{
	const char *start = s;
	uint64_t digits = 0;
	double unit = 1;
	bool point = false, any = false;

	for (; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
		if (s - start == MAX_CHARACTERS)
			return NULL;
		if (*s == '.') {
			point = true;
			continue;
		}
		any = true;
		digits = digits * 10 + (uint64_t)(*s - '0');
		unit *= point ? 10 : 1;
	}
	if (!any)
		return NULL;
	/* one division of two exact numbers rounds but once */
	*ret = (double)digits / unit;
	return s;
}

char *decimal_before(char *end, uint64_t value)
{
	do
		*--end = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	return end;
}
