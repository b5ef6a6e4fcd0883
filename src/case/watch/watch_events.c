/* SPDX-License-Identifier: MIT */
#include "case/watch/watch_events.h"

#include "case/watch/watch_limits.h"
#include "inspect/presence.h"

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

/* Whether somebody who was there may be missing: his stat could not be read */
static bool has_unread(const struct census *c)
{
	return c->n_denied > 0 || c->n_malformed > 0;
}

static void find_gone(struct watch *w, const struct watch_seen *seen)
{
	const struct process *old = census_find(w->before, seen->pid);
	struct watch_event *e;

	if (!old || same_in(w->now.census, old))
		return;
	if (has_unread(w->now.census) && !presence_is_number_free(w->now.census, old->pid))
		return;
	add_event(w, WATCH_REAPED, w->before, old);
	e = &w->events[w->n_events - 1];
	e->dead_s = dead_s(w, w->before, old, &e->dead_exact);
	e->parent_ended = e->parent.pid && !same_in(w->now.census, &e->parent);
	w->reaped++;
}

/* How long it lies there is known by BPF alone; else it cannot be longer than it exists */
static void add_found(struct watch *w, const struct process *p)
{
	struct watch_event *e;

	add_event(w, WATCH_FOUND, w->now.census, p);
	e = &w->events[w->n_events - 1];
	e->dead_s = dead_s(w, w->now.census, p, &e->dead_exact);
	if (!e->dead_exact)
		e->dead_s = cases_age_s(w->now.census, p);
}

static void find_died(struct watch *w, const struct process *p)
{
	const struct process *old = same_in(w->before, p);

	if (old && process_is_zombie(old))
		return;
	/* it was there, and perhaps dead already */
	if (!old && has_unread(w->before) && !census_is_newborn(w->before, p))
		return;
	add_event(w, WATCH_DIED, w->now.census, p);
	w->died++;
}

static void find_adopted(struct watch *w, const struct process *p)
{
	const struct process *old = same_in(w->before, p);
	const struct sight *o = w->sight;

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
	for (size_t i = 0; !w->before && w->tells_found && i < n; i++)
		add_found(w, census_find(w->now.census, seen[i].pid));
	for (size_t i = 0; w->before && i < n; i++)
		find_died(w, census_find(w->now.census, seen[i].pid));
	for (size_t i = 0; w->before && i < w->now.census->n; i++)
		find_adopted(w, &w->now.census->procs[i]);
}

static void remember(struct watch *w)
{
	for (size_t i = 0; i < w->n_events; i++) {
		if (w->n_recent == WATCH_MOST_RECENT) {
			memmove(w->recent, w->recent + 1, sizeof(w->recent) - sizeof(*w->recent));
			w->n_recent--;
		}
		w->recent[w->n_recent++] = w->events[i];
	}
}

void watch_compare(struct watch *w)
{
	size_t died = w->died, reaped = w->reaped;

	if (w->before)
		w->elapsed_s = (double)(w->now.census->taken_ns - w->before->taken_ns) / 1e9;
	find_events(w);
	remember(w);
	if (w->elapsed_s <= 0)
		return;
	w->died_rate =
		watch_rate(w->died_rate, (double)(w->died - died) / w->elapsed_s, w->looks == 1);
	w->reaped_rate = watch_rate(w->reaped_rate, (double)(w->reaped - reaped) / w->elapsed_s,
				    w->looks == 1);
}

size_t watch_count(const struct watch *w, enum watch_kind kind, pid_t parent)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_events; i++)
		n += w->events[i].kind == kind && w->events[i].parent.pid == parent;
	return n;
}
