/* SPDX-License-Identifier: MIT */
#include "cmd/watch_state.h"

#include "cmd/limit_words.h"
#include "cmd/limits.h"
#include "cmd/missing.h"

#define SUBJECTS 8    /* parents with the most zombies, whose limits are looked at */
#define SMOOTHING 0.5 /* weight of the last look in a rate */

static void add_event(struct watch *w, enum watch_kind kind, const struct census *c,
		      const struct process *p)
{
	const struct process *parent = census_parent(c, p);
	struct watch_event *e;

	ARRAY_GROW(w->events, w->n_events, w->events_cap);
	e = &w->events[w->n_events++];
	*e = (struct watch_event){ .kind = kind, .at_ns = w->now.census->taken_ns, .process = *p };
	e->exit_known = census_kernel(c, p) || p->exit_code != 0;
	if (parent)
		e->parent = *parent;
}

static const struct process *same_in(const struct census *c, const struct process *p)
{
	const struct process *found = census_find(c, p->pid);

	return found && process_is_same(found, p) ? found : NULL;
}

static const struct watch_seen *find_seen(const struct watch_seen *list, size_t n,
					  const struct process *p)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (list[mid].pid < p->pid)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < n && list[low].pid == p->pid && list[low].start_ticks == p->start_ticks)
		return &list[low];
	return NULL;
}

static double dead_s(const struct watch *w, const struct census *c, const struct process *p,
		     bool *ret_exact)
{
	const struct process_kernel *kernel = census_kernel(c, p);
	const struct watch_seen *seen = find_seen(w->seen, w->n_seen, p);
	int64_t now = w->now.census->taken_ns, since = seen ? seen->since_ns : now;

	*ret_exact = kernel && kernel->died_ns;
	if (*ret_exact)
		since = kernel->died_ns;
	return now > since ? (double)(now - since) / 1e9 : 0;
}

double watch_dead_s(const struct watch *w, const struct process *zombie, bool *ret_exact)
{
	return dead_s(w, w->now.census, zombie, ret_exact);
}

static void find_gone(struct watch *w, const struct watch_seen *seen)
{
	const struct process *old = census_find(w->before, seen->pid);
	struct watch_event *e;

	if (!old || same_in(w->now.census, old))
		return;
	add_event(w, WATCH_REAPED, w->before, old);
	e = &w->events[w->n_events - 1];
	e->dead_s = dead_s(w, w->before, old, &e->dead_exact);
	e->parent_ended = e->parent.pid && !same_in(w->now.census, &e->parent);
	w->reaped++;
}

static void find_born(struct watch *w, const struct process *p)
{
	const struct process *old = same_in(w->before, p);

	if (old && process_is_zombie(old))
		return;
	add_event(w, WATCH_BORN, w->now.census, p);
	w->born++;
}

static void find_adopted(struct watch *w, const struct process *p)
{
	const struct process *old = same_in(w->before, p);
	const struct global_options *o = &w->ctx->options;

	if (!old || old->ppid == p->ppid || old->ppid == 0)
		return;
	/* of the living it is not known here whether they are in the scope */
	if ((o->pid_ns || o->container) && !find_seen(w->seen, w->n_seen, p))
		return;
	add_event(w, WATCH_ADOPTED, w->now.census, p);
	w->adopted++;
}

static int compare_seen(const void *a, const void *b)
{
	const struct watch_seen *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* All zombies in scope, and since when they are known to be dead */
static struct watch_seen *list_seen(const struct watch *w, size_t *ret_n)
{
	struct watch_seen *list = xcalloc(w->now.n_zombies + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < w->now.n; i++) {
		const struct parent_case *parent = &w->now.parents[i];

		for (size_t k = 0; k < parent->n_zombies; k++) {
			const struct process *p = parent->held[k];
			const struct watch_seen *old = find_seen(w->seen, w->n_seen, p);

			list[n++] = (struct watch_seen){ p->pid, p->start_ticks,
							 old ? old->since_ns :
							       w->now.census->taken_ns };
		}
	}
	qsort(list, n, sizeof(*list), compare_seen);
	*ret_n = n;
	return list;
}

static double smooth(double before, double now, bool first)
{
	return first ? now : before + SMOOTHING * (now - before);
}

static void find_events(struct watch *w)
{
	size_t n;
	struct watch_seen *seen = list_seen(w, &n);

	w->n_events = 0;
	for (size_t i = 0; w->before && i < w->n_seen; i++)
		find_gone(w, &w->seen[i]);
	free(w->seen);
	w->seen = seen;
	w->n_seen = n;
	for (size_t i = 0; w->before && i < n; i++)
		find_born(w, census_find(w->now.census, seen[i].pid));
	for (size_t i = 0; w->before && i < w->now.census->n; i++)
		find_adopted(w, &w->now.census->procs[i]);
}

static void compare(struct watch *w)
{
	size_t born = w->born, reaped = w->reaped;

	if (w->before)
		w->elapsed_s = (double)(w->now.census->taken_ns - w->before->taken_ns) / 1e9;
	find_events(w);
	if (w->elapsed_s <= 0)
		return;
	w->born_rate = smooth(w->born_rate, (double)(w->born - born) / w->elapsed_s, w->looks == 1);
	w->reaped_rate =
		smooth(w->reaped_rate, (double)(w->reaped - reaped) / w->elapsed_s, w->looks == 1);
}

/* -- limits -- */

struct limits_next {
	struct watch_limit *list;
	size_t n, cap;
};

static const struct watch_limit *find_limit(const struct watch_limit *list, size_t n,
					    const char *words)
{
	for (size_t i = 0; i < n; i++)
		if (streq(list[i].words, words))
			return &list[i];
	return NULL;
}

static void take_limits(const struct watch *w, const struct limit_case *c, struct limits_next *next)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct limit *l = &c->limits[i];
		char *words = limit_words(w->ctx, l);
		const struct watch_limit *old = find_limit(w->limits, w->n_limits, words);
		double growth = 0;

		if (!l->applies || !l->has_headroom || !l->has_current || !l->has_max ||
		    l->max == LIMIT_UNLIMITED || find_limit(next->list, next->n, words)) {
			free(words);
			continue;
		}
		if (old && w->elapsed_s > 0)
			growth = smooth(old->growth,
					((double)l->current - (double)old->current) / w->elapsed_s,
					w->looks == 1);
		ARRAY_GROW(next->list, next->n, next->cap);
		next->list[next->n++] =
			(struct watch_limit){ words, l->current, l->headroom, l->exact, growth };
	}
}

static void drop_limits(struct watch *w)
{
	for (size_t i = 0; i < w->n_limits; i++)
		free(w->limits[i].words);
	free(w->limits);
	w->limits = NULL;
	w->n_limits = 0;
}

/* The one that is hit first at its present growth; where none grows, the one with least left */
static void find_tightest(struct watch *w)
{
	w->tightest = -1;
	w->eta_s = -1;
	for (size_t i = 0; i < w->n_limits; i++) {
		const struct watch_limit *l = &w->limits[i];
		double eta = l->growth > 0.01 ? (double)l->headroom / l->growth : -1;
		bool sooner = eta >= 0 && (w->eta_s < 0 || eta < w->eta_s);
		bool less = w->eta_s < 0 && eta < 0 &&
			    (w->tightest < 0 || l->headroom < w->limits[w->tightest].headroom);

		if (!sooner && !less)
			continue;
		w->tightest = (long)i;
		w->eta_s = eta;
	}
}

static void look_at_limits(struct watch *w)
{
	const struct process *self = census_find(w->now.census, getpid());
	struct limits_next next = { 0 };
	struct pidns_memory memory = { w->before, &w->pidns };
	struct limits_view view = { 0 };
	struct limit_case c = { 0 };

	limits_view_open(w->ctx, w->now.census, 0, w->before ? &memory : NULL, &view);
	for (size_t i = 0; i < w->now.n && i < SUBJECTS; i++) {
		if (!w->now.parents[i].process)
			continue;
		limits_of_process(&view, w->now.parents[i].process, &c);
		take_limits(w, &c, &next);
		limit_case_done(&c);
	}
	if (next.n == 0 && self && w->ctx->own_proc) {
		limits_of_process(&view, self, &c);
		take_limits(w, &c, &next);
		limit_case_done(&c);
	}
	pidns_map_done(&w->pidns);
	w->pidns = view.pidns;
	view.pidns = (struct pidns_map){ 0 };
	limits_view_done(&view);
	drop_limits(w);
	w->limits = next.list;
	w->n_limits = next.n;
	find_tightest(w);
}

/* Notes tell of one look: over hours they would pile up */
static void forget_notes(struct context *ctx)
{
	while (ctx->n_notes > 0)
		free(ctx->notes[--ctx->n_notes]);
}

int watch_look(struct watch *w)
{
	struct cases fresh;
	int r;

	forget_notes(w->ctx);
	r = cases_collect(w->ctx, CASES_BRIEF, &fresh);
	if (r < 0)
		return r;
	missing_note_cases(w->ctx, &fresh, NULL);
	if (w->looks > 0) {
		census_free(w->before);
		w->before = w->now.census;
		w->now.census = NULL;
		cases_done(&w->now);
	}
	w->now = fresh;
	compare(w);
	look_at_limits(w);
	w->looks++;
	return 0;
}

void watch_done(struct watch *w)
{
	cases_done(&w->now);
	census_free(w->before);
	pidns_map_done(&w->pidns);
	drop_limits(w);
	free(w->events);
	free(w->seen);
	*w = (struct watch){ 0 };
}

size_t watch_count(const struct watch *w, enum watch_kind kind, pid_t parent)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_events; i++)
		n += w->events[i].kind == kind && w->events[i].parent.pid == parent;
	return n;
}
