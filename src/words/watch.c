/* SPDX-License-Identifier: MIT */
#include "words/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/duration.h"
#include "base/memstream.h"
#include "inspect/text/signals.h"
#include "words/explain/subject.h"
#include "words/forks/limit_words.h"

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

char *watch_event_line(const struct terminal *t, const struct watch_event *e)
{
	static const char *const words[] = {
		[WATCH_FOUND] = "found",
		[WATCH_DIED] = "died",
		[WATCH_REAPED] = "reaped",
		[WATCH_ADOPTED] = "adopted",
	};
	auto_free char *name = subject_name(t, &e->process);
	auto_free char *parent = e->parent.pid ? subject_name(t, &e->parent) :
						 xstrdup("a process out of sight");
	char when[TIME_TEXT_SIZE], dead[DURATION_TEXT_SIZE], *line = NULL;
	size_t size;
	FILE *out = memstream_open(&line, &size);

	fprintf(out, "%s %-7s %s", when_text(e, when), words[e->kind], name);
	if (e->kind == WATCH_REAPED) {
		put_reaped(e, parent, out);
	} else if (e->kind == WATCH_ADOPTED) {
		fprintf(out, " by %s", parent);
	} else {
		fprintf(out, " of %s", parent);
		put_exit(e, out);
	}
	if (e->kind == WATCH_FOUND)
		fprintf(out, ", dead for %s%s", e->dead_exact ? "" : "at most ",
			duration_format(e->dead_s, dead));
	fclose(out);
	return line;
}

/* The number comes first: the path of a cgroup may be longer than the line */
char *watch_limit_line(const struct terminal *t, const struct watch *w)
{
	const struct watch_limit *l = &w->limits.list[w->limits.tightest];
	const char *bound = l->exact ? "" : "at most ";
	auto_free char *title = limit_title(l->kind, l->name, t->utf8);
	char eta[DURATION_TEXT_SIZE];

	if (l->headroom == 0)
		return xasprintf("limit: none left, hit now: %s", title);
	if (w->limits.eta_s >= 0)
		return xasprintf("limit: %s%" PRIu64 " left, hit in %s%s at %+.1f tasks/s: %s",
				 bound, l->headroom, bound, duration_format(w->limits.eta_s, eta),
				 l->growth, title);
	return xasprintf("limit: %s%" PRIu64 " left, not growing: %s", bound, l->headroom, title);
}

char *watch_recent_title(size_t n, const struct watch *w)
{
	const char *kept = w->n_recent == WATCH_MOST_RECENT ? "last " : "";

	if (n < w->n_recent)
		return xasprintf("latest events: %zu of the %s%zu", n, kept, w->n_recent);
	return xstrdup("latest events");
}

const char *watch_no_room(void)
{
	return "no room for events; ";
}

char *watch_more_line(size_t above, size_t below)
{
	return xasprintf("and %zu more: %zu above, %zu below", above + below, above, below);
}

char *watch_page_line(size_t first, size_t shown, size_t lines)
{
	size_t last = first + shown < lines ? first + shown : lines;

	if (shown >= lines)
		return xstrdup("q back");
	return xasprintf("q back  arrows, PgUp and PgDn scroll: lines %zu to %zu of %zu", first + 1,
			 last, lines);
}

const char *watch_help_line(void)
{
	return "q quit  ? keys  Enter explain  arrows choose  t zombies/parents  z/o/n sort  p pause";
}

const char *watch_keys(void)
{
	return "q            quit; on this page and in a story: back to the list\n"
	       "Up, Down     choose a row; also k and j\n"
	       "PgUp, PgDn   a screen up, a screen down\n"
	       "Home, End    the first row, the last one; also g and G\n"
	       "Enter        tell the whole story of the chosen row, as coroner explain does\n"
	       "t            a row for each zombie, or for each parent again\n"
	       "z, o, n      sort by zombies, by the oldest, by the new ones\n"
	       "p, space     pause, and go on\n"
	       "+, -         double the interval, halve it\n"
	       "?            this page\n";
}

char *watch_no_story(pid_t pid, const char *why)
{
	return xasprintf("No story of %d: %s\n", pid, why ? why : "it cannot be looked at");
}
