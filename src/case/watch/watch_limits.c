/* SPDX-License-Identifier: MIT */
#include "case/watch/watch_limits.h"

#include "base/base.h"

#define SMOOTHING 0.5	  /* weight of the last look in a rate */
#define LEAST_GROWTH 0.01 /* tasks a second */

double watch_rate(double before, double now, bool first)
{
	return first ? now : before + SMOOTHING * (now - before);
}

static const struct watch_limit *find_limit(const struct watch_limits *all, const struct limit *l)
{
	/* there is one of the machine, whatever it is called */
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].kind == l->kind &&
		    (l->kind == LIMIT_THREADS_MAX || streq(all->list[i].name, l->name)))
			return &all->list[i];
	return NULL;
}

void watch_limits_add(struct watch_limits *next, const struct watch_limits *before,
		      const struct limit *limits, size_t n, double elapsed_s, bool first)
{
	for (size_t i = 0; i < n; i++) {
		const struct limit *l = &limits[i];
		const struct watch_limit *old = find_limit(before, l);
		double growth = 0;

		/* of a dead PID namespace the numbers do not count */
		if (!l->applies || !l->has_headroom || l->max == LIMIT_UNLIMITED ||
		    find_limit(next, l))
			continue;
		if (old && elapsed_s > 0)
			growth = watch_rate(old->growth,
					    ((double)l->current - (double)old->current) / elapsed_s,
					    first);
		ARRAY_GROW(next->list, next->n, next->cap);
		next->list[next->n++] = (struct watch_limit){ l->kind,	  xstrdup(l->name),
							      l->current, l->headroom,
							      l->exact,	  growth };
	}
}

/* Seconds until it is hit: none where nothing is left, negative where it does not grow */
static double eta_of(const struct watch_limit *l)
{
	if (l->headroom == 0)
		return 0;
	return l->growth > LEAST_GROWTH ? (double)l->headroom / l->growth : -1;
}

void watch_limits_conclude(struct watch_limits *all)
{
	all->tightest = -1;
	all->eta_s = -1;
	for (size_t i = 0; i < all->n; i++) {
		const struct watch_limit *l = &all->list[i];
		double eta = eta_of(l);
		bool sooner = eta >= 0 && (all->eta_s < 0 || eta < all->eta_s);
		bool less = all->eta_s < 0 && eta < 0 &&
			    (all->tightest < 0 || l->headroom < all->list[all->tightest].headroom);

		if (!sooner && !less)
			continue;
		all->tightest = (long)i;
		all->eta_s = eta;
	}
}

void watch_limits_done(struct watch_limits *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->list[i].name);
	free(all->list);
	*all = (struct watch_limits){ 0 };
}
