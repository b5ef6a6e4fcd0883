/* SPDX-License-Identifier: MIT */
#include "judge/alerts/range.h"

#include <errno.h>
#include <math.h>

#include "base/base.h"
#include "base/decimal.h"

/* Digits on both sides of a point, where there is one */
static const char *bound(const char *s, double *ret)
{
	bool negative = *s == '-';
	const char *digits = s + negative;
	double value;

	s = *digits == '.' ? NULL : decimal_parse(digits, &value);
	if (!s || s[-1] == '.')
		return NULL;
	*ret = negative ? -value : value;
	return s;
}

int range_parse(const char *text, struct range *ret)
{
	struct range r = { .start = 0, .end = INFINITY };
	const char *s = text, *colon;

	if (*s == '@') {
		r.inverted = true;
		s++;
	}
	colon = strchr(s, ':');
	if (colon) {
		/* "~" is minus infinity; a start must be there: ":10" is no range */
		if (*s == '~' && s + 1 == colon)
			r.start = -INFINITY;
		else if (bound(s, &r.start) != colon)
			return -EINVAL;
		s = colon + 1;
	}
	/* "10:" has no end, "10" is one */
	if (!colon || *s) {
		s = bound(s, &r.end);
		if (!s || *s)
			return -EINVAL;
	}
	if (r.start > r.end)
		return -EINVAL;
	*ret = r;
	return 0;
}

bool range_alerts(const struct range *r, double value)
{
	bool inside = value >= r->start && value <= r->end;

	return inside == r->inverted;
}

/* 1: all values between alert, 0: none does, -1: some do */
static int alerts_between(const struct range *r, double least, double most)
{
	bool all_inside = least >= r->start && most <= r->end;
	bool all_outside = most < r->start || least > r->end;

	if (!all_inside && !all_outside)
		return -1;
	return all_inside == r->inverted;
}

enum check_state range_state(const struct range *warning, const struct range *critical,
			     double least, double most)
{
	int crit = critical ? alerts_between(critical, least, most) : 0;
	int warn = warning ? alerts_between(warning, least, most) : 0;

	if (crit > 0)
		return CHECK_CRITICAL;
	/* at least that bad: what else it may be does not make it better */
	if (warn > 0)
		return CHECK_WARNING;
	return crit < 0 || warn < 0 ? CHECK_UNKNOWN : CHECK_OK;
}

enum check_state check_worse(enum check_state a, enum check_state b)
{
	static const int rank[] = {
		[CHECK_OK] = 0, [CHECK_UNKNOWN] = 1, [CHECK_WARNING] = 2, [CHECK_CRITICAL] = 3
	};

	return rank[a] >= rank[b] ? a : b;
}

const char *check_state_name(enum check_state state)
{
	static const char *const names[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

	return names[state];
}
