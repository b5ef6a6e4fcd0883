/* SPDX-License-Identifier: MIT */
/* Durations: what is taken is what it says, written in milliseconds it is the same one. */
#include "fuzz.h"

#include <errno.h>
#include <math.h>

#include "base/duration.h"

#define YEAR_MS (366.0 * 86400 * 1000)
#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a)

/* The same text, read by strtod(3) in the C locale */
static double expected_ms(const char *text)
{
	char *unit;
	double value = strtod(text, &unit);

	if (streq(unit, "ms"))
		return value;
	if (streq(unit, "m"))
		return value * 60000;
	if (streq(unit, "h"))
		return value * 3600000;
	require(streq(unit, "") || streq(unit, "s"));
	return value * 1000;
}

static void require_readable(double seconds)
{
	char text[DURATION_TEXT_SIZE];

	require(duration_format(seconds, text) == text);
	require(strlen(text) >= 2 && strlen(text) <= 6);
	require(strspn(text, "0123456789mshd") == strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = as_string(data, size), *again = NULL;
	uint64_t ms = UNTOUCHED, same = UNTOUCHED;
	int r = duration_parse(text, &ms);

	if (r < 0) {
		require(r == -EINVAL && ms == UNTOUCHED);
		return 0;
	}
	require(strspn(text, "0123456789.msh") == strlen(text));
	require((double)ms <= YEAR_MS + 1);
	require(fabs(expected_ms(text) - (double)ms) <= 0.5 + 1e-6);
	again = xasprintf("%llums", (unsigned long long)ms);
	require(duration_parse(again, &same) == 0 && same == ms);
	/* a process may be as old as its machine */
	require_readable((double)ms / 1000);
	require_readable((double)ms / 10);
	return 0;
}
