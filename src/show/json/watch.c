/* SPDX-License-Identifier: MIT */
/* One look of coroner watch, or its events, as JSON: an object on one line each. */
#include "show/json/list_json.h"
#include "show/json/process.h"
#include "show/show.h"
#include "show/watch.h"
#include "words/forks/limit_words.h"
#include "words/verdict.h"

static json_t *small_json(const struct process *p)
{
	json_t *o;

	if (!p->pid)
		return json_null();
	o = json_object();
	json_object_set_new(o, "pid", json_integer(p->pid));
	json_object_set_new(o, "comm", json_text(p->comm));
	return o;
}

static void put_line(json_t *o, FILE *out)
{
	(void)json_write(o, out, JSON_COMPACT); /* ferror() tells */
	fputc('\n', out);
	json_decref(o);
}

static json_t *event_json(const struct watch_event *e)
{
	static const char *const names[] = {
		[WATCH_FOUND] = "found",
		[WATCH_DIED] = "died",
		[WATCH_REAPED] = "reaped",
		[WATCH_ADOPTED] = "adopted",
	};
	bool dead = e->process.state == 'Z';
	bool has_dead = e->kind == WATCH_REAPED || e->kind == WATCH_FOUND;
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string(names[e->kind]));
	json_object_set_new(o, "process", small_json(&e->process));
	json_object_set_new(o, "parent", small_json(&e->parent));
	json_object_set_new(o, "zombie", json_boolean(dead));
	json_object_set_new(o, "exit",
			    list_exit_json(dead && e->exit_known && e->process.threads <= 1,
					   e->process.exit_code));
	json_object_set_new(o, "parent_ended",
			    e->kind == WATCH_REAPED ? json_boolean(e->parent_ended) : json_null());
	json_object_set_new(o, "dead_s", has_dead ? json_seconds(e->dead_s) : json_null());
	json_object_set_new(o, "dead_exact", has_dead ? json_boolean(e->dead_exact) : json_null());
	return o;
}

static void print_event(const struct watch_event *e, FILE *out)
{
	json_t *o = json_object(), *event = event_json(e);

	json_object_set_new(o, "schema", json_string("coroner.watch-event/1"));
	json_object_set_new(o, "time", json_time(e->at_ns));
	json_object_update(o, event);
	json_decref(event);
	put_line(o, out);
}

void watch_events_json(const struct answer *a)
{
	const struct watch_view *v = a->facts;

	for (size_t i = 0; i < v->watch.n_events; i++)
		print_event(&v->watch.events[i], a->out);
}

static json_t *tightest_json(const struct watch *w, bool utf8)
{
	const struct watch_limit *l =
		w->limits.tightest >= 0 ? &w->limits.list[w->limits.tightest] : NULL;
	auto_free char *title = l ? limit_title(l->kind, l->name, utf8) : NULL;
	json_t *o;

	if (!l)
		return json_null();
	o = json_object();
	json_object_set_new(o, "limit", json_text(title));
	json_object_set_new(o, "current", json_integer((json_int_t)l->current));
	json_object_set_new(o, "headroom", json_integer((json_int_t)l->headroom));
	json_object_set_new(o, "exact", json_boolean(l->exact));
	json_object_set_new(o, "growth_per_s", json_seconds(l->growth));
	json_object_set_new(o, "hit_in_s",
			    w->limits.eta_s >= 0 ? json_seconds(w->limits.eta_s) : json_null());
	return o;
}

static json_t *row_json(const struct watch *w, const struct parent_case *p)
{
	pid_t pid = p->details.process.pid;
	json_t *o = json_object();

	json_object_set_new(o, "pid", json_integer(pid));
	json_object_set_new(o, "comm", json_text(p->process ? p->details.process.comm : NULL));
	json_object_set_new(o, "zombies", json_integer((json_int_t)p->n_zombies));
	json_object_set_new(o, "died", json_integer((json_int_t)watch_count(w, WATCH_DIED, pid)));
	json_object_set_new(o, "reaped",
			    json_integer((json_int_t)watch_count(w, WATCH_REAPED, pid)));
	json_object_set_new(o, "oldest_s", json_seconds(p->oldest_s));
	json_object_set_new(o, "oldest_exact", json_boolean(p->oldest_exact));
	json_object_set_new(o, "verdict", json_string(verdict_name(p->verdict.code)));
	json_object_set_new(o, "certainty", json_string(certainty_name(p->verdict.certainty)));
	return o;
}

void watch_json(const struct answer *a)
{
	const struct watch *w = &((const struct watch_view *)a->facts)->watch;
	json_t *body = json_object(), *parents = json_array(), *events = json_array();

	for (size_t i = 0; i < w->now.n; i++)
		json_array_append_new(parents, row_json(w, &w->now.parents[i]));
	for (size_t i = 0; i < w->n_events; i++)
		json_array_append_new(events, event_json(&w->events[i]));
	json_object_set_new(body, "time", json_time(w->now.census->taken_ns));
	json_object_set_new(body, "look", json_integer((json_int_t)w->looks));
	json_object_set_new(body, "zombies", json_integer((json_int_t)w->now.n_zombies));
	json_object_set_new(body, "died_per_s", json_seconds(w->died_rate));
	json_object_set_new(body, "reaped_per_s", json_seconds(w->reaped_rate));
	json_object_set_new(body, "died", json_integer((json_int_t)w->died));
	json_object_set_new(body, "reaped", json_integer((json_int_t)w->reaped));
	json_object_set_new(body, "adopted", json_integer((json_int_t)w->adopted));
	json_object_set_new(body, "tightest", tightest_json(w, a->terminal->utf8));
	json_object_set_new(body, "parents", parents);
	json_object_set_new(body, "events", events);
	put_line(json_top("watch", w->now.census, &a->sight->notes, body), a->out);
}
