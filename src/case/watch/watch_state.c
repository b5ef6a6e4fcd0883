/* SPDX-License-Identifier: MIT */
#include "case/watch/watch_state.h"

#include "case/forks/limits.h"
#include "case/missing.h"
#include "case/watch/watch_events.h"

#define SUBJECTS 8 /* parents with the most zombies, whose limits are looked at */

static void take_limits(const struct watch *w, struct limits_view *view, const struct process *p,
			struct watch_limits *next)
{
	struct limit_case c = { 0 };

	limits_of_process(view, p, &c);
	watch_limits_add(next, &w->limits, c.limits, c.n, w->elapsed_s, w->looks == 1);
	limit_case_done(&c);
}

static void look_at_limits(struct watch *w)
{
	const struct process *self = census_find(w->now.census, getpid());
	struct watch_limits next = { 0 };
	struct pidns_memory memory = { w->before, &w->pidns };
	struct limits_view view = { 0 };

	limits_view_open(w->sight, w->now.census, LIMITS_USERS, w->before ? &memory : NULL, &view);
	for (size_t i = 0; i < w->now.n && i < SUBJECTS; i++) {
		if (w->now.parents[i].process)
			take_limits(w, &view, w->now.parents[i].process, &next);
	}
	if (next.n == 0 && self && w->sight->own_proc)
		take_limits(w, &view, self, &next);
	pidns_map_done(&w->pidns);
	w->pidns = view.pidns;
	view.pidns = (struct pidns_map){ 0 };
	limits_view_done(&view);
	watch_limits_done(&w->limits);
	watch_limits_conclude(&next);
	w->limits = next;
}

/* Notes tell of one look: over hours they would pile up */
int watch_look(struct watch *w)
{
	struct cases fresh;
	int r;

	sight_forget(w->sight, 0);
	r = cases_collect(w->sight, w->each_zombie ? CASES_FULL : CASES_BRIEF, &fresh);
	if (r < 0)
		return r;
	missing_note_cases(w->sight, &fresh, NULL);
	if (w->looks > 0) {
		census_free(w->before);
		w->before = w->now.census;
		w->now.census = NULL;
		cases_done(&w->now);
	}
	w->now = fresh;
	watch_compare(w);
	look_at_limits(w);
	w->looks++;
	return 0;
}

void watch_done(struct watch *w)
{
	cases_done(&w->now);
	census_free(w->before);
	pidns_map_done(&w->pidns);
	watch_limits_done(&w->limits);
	free(w->events);
	free(w->seen);
	*w = (struct watch){ 0 };
}
