/* SPDX-License-Identifier: MIT */
/* The events of coroner watch as lines and as JSON. */
#include <sys/wait.h>

#include "base/duration.h"
#include "cmd/limit_words.h"
#include "cmd/list_json.h"
#include "cmd/subject.h"
#include "cmd/watch_print.h"
#include "inspect/signals.h"
#include "render/json.h"

static char *when_text(const struct watch_event *e, char buf[static TIME_TEXT_SIZE])
{
	int64_t epoch = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);

	return time_format(e->at_ns + epoch, buf);
}

static void put_exit(const struct watch_event *e, FILE *out)
{
	int code = e->process.exit_code;
	char name[SIGNAL_NAME_SIZE];

	if (!e->exit_known || e->process.threads > 1)
		return;
	if (WIFSIGNALED(code))
		fprintf(out, ", killed by %s", signal_name(WTERMSIG(code), name));
	else
		fprintf(out, ", exit status %d", WEXITSTATUS(code));
}

static void put_reaped(const struct watch_event *e, const char *parent, FILE *out)
{
	char dead[DURATION_TEXT_SIZE];

	fprintf(out, " after %s%s", e->dead_exact ? "at most " : "about ",
		duration_format(e->dead_s, dead));
	if (!e->parent.pid)
		fputs(", by a parent out of sight", out);
	else if (e->parent_ended)
		fprintf(out, ", its parent %s has ended", parent);
	else
		fprintf(out, " by %s", parent);
}

void watch_print_event(const struct context *ctx, const struct watch_event *e, FILE *out)
{
	static const char *const words[] = {
		[WATCH_BORN] = "born", [WATCH_REAPED] = "reaped", [WATCH_ADOPTED] = "adopted"
	};
	auto_free char *name = subject_name(ctx, &e->process);
	auto_free char *parent = e->parent.pid ? subject_name(ctx, &e->parent) :
						 xstrdup("a process out of sight");
	char when[TIME_TEXT_SIZE];

	fprintf(out, "%s %-7s %s", when_text(e, when), words[e->kind], name);
	if (e->kind == WATCH_REAPED) {
		put_reaped(e, parent, out);
	} else if (e->kind == WATCH_BORN) {
		fprintf(out, " of %s", parent);
		put_exit(e, out);
	} else {
		fprintf(out, " by %s", parent);
	}
	fputc('\n', out);
}

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
	(void)json_dumpf(o, out, JSON_COMPACT | JSON_REAL_PRECISION(12)); /* ferror() tells */
	fputc('\n', out);
	json_decref(o);
}

static json_t *event_json(const struct watch_event *e)
{
	static const char *const names[] = {
		[WATCH_BORN] = "born", [WATCH_REAPED] = "reaped", [WATCH_ADOPTED] = "adopted"
	};
	bool dead = e->process.state == 'Z';
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
	json_object_set_new(o, "dead_s",
			    e->kind == WATCH_REAPED ? json_seconds(e->dead_s) : json_null());
	json_object_set_new(o, "dead_exact",
			    e->kind == WATCH_REAPED ? json_boolean(e->dead_exact) : json_null());
	return o;
}

void watch_print_event_json(const struct watch_event *e, FILE *out)
{
	json_t *o = json_object(), *event = event_json(e);

	json_object_set_new(o, "schema", json_string("coroner.watch-event/1"));
	json_object_set_new(o, "time", json_time(e->at_ns));
	json_object_update(o, event);
	json_decref(event);
	put_line(o, out);
}

static json_t *tightest_json(const struct watch *w)
{
	const struct watch_limit *l = w->tightest >= 0 ? &w->limits[w->tightest] : NULL;
	json_t *o;

	if (!l)
		return json_null();
	o = json_object();
	json_object_set_new(o, "limit", json_text(l->words));
	json_object_set_new(o, "current", json_integer((json_int_t)l->current));
	json_object_set_new(o, "headroom", json_integer((json_int_t)l->headroom));
	json_object_set_new(o, "growth_per_s", json_seconds(l->growth));
	json_object_set_new(o, "hit_in_s", w->eta_s >= 0 ? json_seconds(w->eta_s) : json_null());
	return o;
}

static json_t *row_json(const struct watch *w, const struct parent_case *p)
{
	pid_t pid = p->details.process.pid;
	json_t *o = json_object();

	json_object_set_new(o, "pid", json_integer(pid));
	json_object_set_new(o, "comm", json_text(p->process ? p->details.process.comm : NULL));
	json_object_set_new(o, "zombies", json_integer((json_int_t)p->n_zombies));
	json_object_set_new(o, "born", json_integer((json_int_t)watch_count(w, WATCH_BORN, pid)));
	json_object_set_new(o, "reaped",
			    json_integer((json_int_t)watch_count(w, WATCH_REAPED, pid)));
	json_object_set_new(o, "oldest_s", json_seconds(p->oldest_s));
	json_object_set_new(o, "oldest_exact", json_boolean(p->oldest_exact));
	json_object_set_new(o, "verdict", json_string(verdict_name(p->verdict.code)));
	return o;
}

void watch_print_json(const struct watch *w, FILE *out)
{
	json_t *body = json_object(), *parents = json_array(), *events = json_array();

	for (size_t i = 0; i < w->now.n; i++)
		json_array_append_new(parents, row_json(w, &w->now.parents[i]));
	for (size_t i = 0; i < w->n_events; i++)
		json_array_append_new(events, event_json(&w->events[i]));
	json_object_set_new(body, "time", json_time(w->now.census->taken_ns));
	json_object_set_new(body, "look", json_integer((json_int_t)w->looks));
	json_object_set_new(body, "zombies", json_integer((json_int_t)w->now.n_zombies));
	json_object_set_new(body, "born_per_s", json_seconds(w->born_rate));
	json_object_set_new(body, "reaped_per_s", json_seconds(w->reaped_rate));
	json_object_set_new(body, "born", json_integer((json_int_t)w->born));
	json_object_set_new(body, "reaped", json_integer((json_int_t)w->reaped));
	json_object_set_new(body, "adopted", json_integer((json_int_t)w->adopted));
	json_object_set_new(body, "tightest", tightest_json(w));
	json_object_set_new(body, "parents", parents);
	json_object_set_new(body, "events", events);
	put_line(json_top("watch", w->now.census, w->ctx->notes, w->ctx->n_notes, body), out);
}
