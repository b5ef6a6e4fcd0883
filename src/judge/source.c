/* SPDX-License-Identifier: MIT */
#include "judge/source.h"

#include <stdlib.h>

#include "base/base.h"

#define FEWEST_SESSIONS 3
#define FEWEST_INTERVALS 3
#define SHORTEST_MS \
	400 /* what comes more often is no probe, and its births are noted in hundredths */

static int by_session(const void *a, const void *b)
{
	const struct stray *x = a, *y = b;

	if (x->sid != y->sid)
		return x->sid < y->sid ? -1 : 1;
	return (x->born_ms > y->born_ms) - (x->born_ms < y->born_ms);
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The time between two sessions as a rule; 0: there is no rule */
static int64_t interval(int64_t *first, size_t n)
{
	int64_t median;
	size_t like = 0;

	if (n < FEWEST_INTERVALS + 1)
		return 0;
	qsort(first, n, sizeof(*first), by_number);
	for (size_t i = 0; i + 1 < n; i++)
		first[i] = first[i + 1] - first[i];
	n--;
	qsort(first, n, sizeof(*first), by_number);
	median = first[n / 2];
	for (size_t i = 0; i < n; i++)
		like += first[i] >= median - median / 10 && first[i] <= median + median / 10;
	return median >= SHORTEST_MS && like >= FEWEST_INTERVALS && 4 * like >= 3 * n ? median : 0;
}

struct source source_judge(struct stray *strays, size_t n)
{
	auto_free int64_t *first = xcalloc(n, sizeof(*first));
	struct source ret = { .n = n };
	size_t living = 0;

	if (n > 0)
		qsort(strays, n, sizeof(*strays), by_session);
	for (size_t i = 0; i < n; i++) {
		living += strays[i].leader_lives;
		if (i == 0 || strays[i].sid != strays[i - 1].sid)
			first[ret.sessions++] = strays[i].born_ms;
	}
	if (n > 1 && ret.sessions == 1) {
		ret.kind = living ? SOURCE_ONE_LEADER : SOURCE_ONE_SESSION;
		ret.sid = strays[0].sid;
	} else if (ret.sessions >= FEWEST_SESSIONS && living == 0) {
		ret.every_ms = interval(first, ret.sessions);
		ret.kind = ret.every_ms ? SOURCE_REGULAR : SOURCE_SESSIONS;
	}
	return ret;
}
