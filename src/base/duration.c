/* SPDX-License-Identifier: MIT */
#include "base/duration.h"

#include <errno.h>
#include <stdio.h>

#include "base/base.h"
#include "base/decimal.h"

#define YEAR_MS (366.0 * 86400 * 1000)

int duration_parse(const char *text, uint64_t *ret_ms)
{
	static const struct {
		const char *suffix;
		double ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	double value;
	const char *end = decimal_parse(text, &value);

	if (!end)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (!streq(end, units[i].suffix))
			continue;
		value *= units[i].ms;
		if (value > YEAR_MS)
			return -EINVAL;
		*ret_ms = (uint64_t)(value + 0.5);
		return 0;
	}
	return -EINVAL;
}

char *duration_format(double seconds, char buf[static DURATION_TEXT_SIZE])
{
	unsigned long s = (unsigned long)seconds;

	if (seconds < 1)
		snprintf(buf, DURATION_TEXT_SIZE, "%.0fms", seconds * 1000);
	else if (s < 60)
		snprintf(buf, DURATION_TEXT_SIZE, "%lus", s);
	else if (s < 3600)
		snprintf(buf, DURATION_TEXT_SIZE, "%lum%02lus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, DURATION_TEXT_SIZE, "%luh%02lum", s / 3600, s / 60 % 60);
	else if (s < 100 * 86400)
		snprintf(buf, DURATION_TEXT_SIZE, "%lud%02luh", s / 86400, s / 3600 % 24);
	else
		snprintf(buf, DURATION_TEXT_SIZE, "%lud", s / 86400);
	return buf;
}

char *time_format(int64_t realtime_ns, char buf[static TIME_TEXT_SIZE])
{
	/* downwards: before 1970 a millisecond counts up as well */
	bool before = realtime_ns % NS_PER_S < 0;
	time_t s = (time_t)(realtime_ns / NS_PER_S - before);
	int ms = (int)((realtime_ns % NS_PER_S + (before ? NS_PER_S : 0)) / 1000000);
	char date[TIME_TEXT_SIZE - 8];
	struct tm tm;

	if (!gmtime_r(&s, &tm) || !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
		date[0] = '\0';
	snprintf(buf, TIME_TEXT_SIZE, "%s.%03dZ", date, ms);
	return buf;
}

int64_t clock_ns(clockid_t clock)
{
	struct timespec ts = { 0 };

	/* cannot fail for the clocks this program names (clock_gettime(2)) */
	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void sleep_ms(uint64_t ms)
{
	struct timespec left = { .tv_sec = (time_t)(ms / 1000),
				 .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}
