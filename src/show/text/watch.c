/* SPDX-License-Identifier: MIT */
/* One frame of coroner watch, for a terminal or for a file; and its events, a line each. */
#include "base/duration.h"
#include "base/memstream.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "show/watch.h"
#include "words/plural.h"
#include "words/watch.h"

/* What all parts of a frame are given. */
struct frame {
	const struct watch *w;
	const struct watch_face *face;
	const struct terminal *terminal;
	FILE *out;
	size_t width;
};

/* A line that ends where the terminal does, with a mark where it would go on */
static void put_line(const struct frame *f, enum style style, char *line)
{
	const bool color = f->terminal->color;
	bool whole = text_width(line) <= f->width;
	size_t bytes = text_fit(line, whole || f->width == 0 ? f->width : f->width - 1);

	fprintf(f->out, "%s%.*s%s%s\n", style_on(style, color), (int)bytes, line,
		whole		  ? "" :
		f->terminal->utf8 ? "…" :
				    "+",
		style_off(style, color));
	free(line);
}

static void print_head(const struct frame *f)
{
	const struct watch *w = f->w;
	const struct watch_face *face = f->face;
	const struct census *c = w->now.census;
	char when[TIME_TEXT_SIZE];
	int64_t epoch = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	bool hidden = face->rows && w->n_recent && !face->events;

	/* what fits a narrow line comes first */
	put_line(f, STYLE_BOLD,
		 xasprintf("%.19sZ  %s%zu zombie%s under %zu parent%s, %zu process%s  every %gs",
			   time_format(c->taken_ns + epoch, when), face->paused ? "PAUSED  " : "",
			   w->now.n_zombies, plural_s(w->now.n_zombies), w->now.n,
			   plural_s(w->now.n), c->n, plural_es(c->n), face->interval_s));
	if (face->small)
		return;
	put_line(f, STYLE_PLAIN,
		 xasprintf("%sdied %zu (%.1f/s), reaped %zu (%.1f/s), adopted %zu since the start",
			   hidden ? watch_no_room() : "", w->died, w->died_rate, w->reaped,
			   w->reaped_rate, w->adopted));
	if (w->limits.tightest >= 0)
		put_line(f, w->limits.eta_s >= 0 ? STYLE_YELLOW : STYLE_PLAIN,
			 watch_limit_line(f->terminal, w));
}

/* Returns how many lines it took */
static size_t print_recent(const struct frame *f)
{
	const struct watch *w = f->w;
	size_t n = f->face->rows ? f->face->events : WATCH_RECENT_LEAST;

	n = n < w->n_recent ? n : w->n_recent;
	if (n == 0)
		return 0;
	fputc('\n', f->out);
	put_line(f, STYLE_BOLD, watch_recent_title(n, w));
	for (size_t i = w->n_recent - n; i < w->n_recent; i++)
		put_line(f, STYLE_DIM, watch_event_line(f->terminal, &w->recent[i]));
	return n + 2;
}

/* The chosen row in reverse: each end of a style would end that too (ECMA-48 SGR) */
static void put_chosen(const struct frame *f, const char *line, size_t len)
{
	fputs("\033[7m", f->out);
	for (const char *s = line; s < line + len; s++) {
		fputc(*s, f->out);
		if (*s == 'm' && s - line >= 3 && strncmp(s - 3, "\033[0", 3) == 0)
			fputs("\033[7m", f->out);
	}
	fputs("\033[0m\n", f->out);
}

/* The part of the table that there is room for, and how much there is above and below it; lines that it took */
static size_t put_part(const struct frame *f, const char *table)
{
	const struct watch_face *face = f->face;
	const size_t last = face->first + face->shown;
	size_t at = 0;

	for (; *table; at++) {
		size_t len = strcspn(table, "\n");

		if (at == 0 || !face->rows)
			fprintf(f->out, "%.*s\n", (int)len, table);
		else if (at - 1 >= face->first && at - 1 < last && at - 1 == face->cursor)
			put_chosen(f, table, len);
		else if (at - 1 >= face->first && at - 1 < last)
			fprintf(f->out, "%.*s\n", (int)len, table);
		table += len + 1;
	}
	if (!face->rows || at == 0)
		return at;
	if (face->shown < face->n_rows)
		put_line(f, STYLE_DIM, watch_more_line(face->first, face->n_rows - last));
	return 1 + face->shown + (size_t)(face->shown < face->n_rows);
}

static void print_list(const struct frame *f)
{
	const struct watch_face *face = f->face;
	struct watch_rows rows = watch_rows(f->w, face);
	char *text = NULL;
	size_t size, lines = face->small ? 1 : 3 + (size_t)(f->w->limits.tightest >= 0);
	FILE *table = memstream_open(&text, &size);

	print_head(f);
	if (!face->small)
		fputc('\n', f->out);
	watch_rows_print(&rows, face, f->terminal, f->width, table);
	fclose(table);
	lines += put_part(f, text);
	free(text);
	free(rows.list);
	lines += print_recent(f);
	if (!face->rows)
		return;
	while (lines++ + 1 < face->rows)
		fputc('\n', f->out);
	put_line(f, STYLE_DIM, xstrdup(watch_help_line()));
}

/* A text that may be longer than the screen, and what is to be known of that below it */
static void print_page(const struct frame *f, const char *text)
{
	const struct watch_face *face = f->face;
	size_t at = 0, lines = 0;

	for (; *text; at++) {
		size_t len = strcspn(text, "\n");

		if (at >= face->story_line && lines + 1 < face->rows) {
			fprintf(f->out, "%.*s\n", (int)len, text);
			lines++;
		}
		text += len + (text[len] == '\n');
	}
	while (lines++ + 1 < face->rows)
		fputc('\n', f->out);
	put_line(f, STYLE_DIM, watch_page_line(face->story_line, face->rows - 1, at));
}

void watch_text(const struct answer *a)
{
	const struct watch_view *v = a->facts;
	const struct frame f = { &v->watch, &v->face, a->terminal, a->out,
				 v->face.width ? v->face.width : PIPE_WIDTH };

	if (v->face.rows && v->face.page == WATCH_KEYS) {
		print_page(&f, watch_keys());
		return;
	}
	if (v->face.rows && v->face.page == WATCH_STORY) {
		print_page(&f, v->story);
		return;
	}
	if (!v->face.rows && v->watch.looks > 1)
		fputc('\n', a->out);
	print_list(&f);
}

void watch_events_text(const struct answer *a)
{
	const struct watch_view *v = a->facts;

	for (size_t i = 0; i < v->watch.n_events; i++) {
		auto_free char *line = watch_event_line(a->terminal, &v->watch.events[i]);

		fprintf(a->out, "%s\n", line);
	}
}
