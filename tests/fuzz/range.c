/* SPDX-License-Identifier: MIT */
/*
 * Ranges of the Monitoring Plugins: the bounds are the numbers as written, and a value that is only
 * half known never gets a state that one of its possible values contradicts.
 */
#include "fuzz.h"

#include <errno.h>
#include <math.h>

#include "judge/alerts/range.h"

/* The number between these, by strtod(3) in the C locale; more digits than a double has may round */
static void require_bound(double value, const char *s, size_t len)
{
	auto_free char *text = xstrndup(s, len);
	char *end;
	double wanted = strtod(text, &end);

	require(len > 0 && *end == '\0');
	if (len <= 15)
		require(value == wanted);
	else
		require(fabs(value - wanted) <= fabs(wanted) * 1e-15);
}

static void require_bounds(const struct range *r, const char *text)
{
	const char *s = text + (*text == '@');
	const char *colon = strchr(s, ':');

	require(r->inverted == (*text == '@'));
	require(r->start <= r->end);
	if (!colon)
		require(r->start == 0);
	else if (*s == '~')
		require(r->start == -INFINITY && colon == s + 1);
	else
		require_bound(r->start, s, (size_t)(colon - s));
	if (colon && !colon[1])
		require(r->end == INFINITY);
	else
		require_bound(r->end, colon ? colon + 1 : s, strlen(colon ? colon + 1 : s));
}

static void require_alerts(const struct range *r)
{
	const double values[] = { r->start, r->end, 0, r->start - 1, r->end + 1, -1e300, 1e300 };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		double v = values[i];
		bool inside = v >= r->start && v <= r->end;

		require(range_alerts(r, v) == (inside ? r->inverted : !r->inverted));
		/* a known value's state is what the alert says, alone and as a warning */
		require(range_state(NULL, r, v, v) ==
			(range_alerts(r, v) ? CHECK_CRITICAL : CHECK_OK));
		require(range_state(r, NULL, v, v) ==
			(range_alerts(r, v) ? CHECK_WARNING : CHECK_OK));
	}
}

static void require_consistent(const struct range *warn, const struct range *crit, double least,
			       double most)
{
	enum check_state whole = range_state(warn, crit, least, most);
	const double inside[] = { least, least / 2 + most / 2, most };

	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		enum check_state one = range_state(warn, crit, inside[i], inside[i]);

		require(one != CHECK_UNKNOWN);
		if (whole == CHECK_OK || whole == CHECK_CRITICAL)
			require(one == whole);
		if (whole == CHECK_WARNING)
			require(one == CHECK_WARNING || one == CHECK_CRITICAL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct range untouched = { .start = 7, .end = 8 };
	auto_free char *first = as_string(data, size);
	const char *second = cut_line(first);
	struct range a = untouched, b;
	int r = range_parse(first, &a);

	if (r < 0) {
		require(r == -EINVAL && a.start == 7 && a.end == 8 && !a.inverted);
		return 0;
	}
	require_bounds(&a, first);
	require_alerts(&a);
	if (range_parse(second, &b) < 0)
		return 0;
	for (double least = -20; least <= 20; least += 5)
		for (double more = 0; more <= 20; more += 5)
			require_consistent(&a, &b, least, least + more);
	return 0;
}
