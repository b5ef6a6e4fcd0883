/* SPDX-License-Identifier: MIT */
/* One frame of coroner watch, for a terminal or for a file. */
#include <inttypes.h>

#include "base/duration.h"
#include "cmd/subject.h"
#include "cmd/watch_print.h"
#include "render/label.h"
#include "render/table.h"
#include "render/text.h"

#define RECENT 6 /* rows that the last events get */
#define HELP \
	"q quit  p pause  z/o/n sort by zombies, oldest, new  t zombies or parents  +/- interval"

struct row {
	const struct parent_case *parent;
	const struct process *zombie; /* NULL: a row for the parent */
	size_t born, reaped;
	double dead_s;
	bool exact;
};

struct rows {
	struct row *list; /* owned */
	size_t n;
	enum watch_sort sort;
};

static int compare_rows(const void *a, const void *b, void *sort)
{
	const struct row *x = a, *y = b;
	enum watch_sort by = *(const enum watch_sort *)sort;

	if (by == SORT_NEW && x->born != y->born)
		return x->born < y->born ? 1 : -1;
	if (by == SORT_ZOMBIES && x->parent->n_zombies != y->parent->n_zombies)
		return x->parent->n_zombies < y->parent->n_zombies ? 1 : -1;
	return (x->dead_s < y->dead_s) - (x->dead_s > y->dead_s);
}

/* How long the oldest is dead: the true time of death, or since it was first seen here */
static void find_dead(const struct watch *w, struct row *r)
{
	const struct parent_case *p = r->parent;

	r->exact = true;
	for (size_t i = 0; i < p->n_zombies; i++) {
		bool exact;
		double s;

		if (r->zombie && p->held[i] != r->zombie)
			continue;
		s = watch_dead_s(w, p->held[i], &exact);
		r->dead_s = s > r->dead_s ? s : r->dead_s;
		r->exact &= exact;
	}
}

static struct rows collect(const struct watch *w, const struct watch_face *face)
{
	struct rows rows = { .sort = face->sort };

	rows.list = xcalloc(face->by_zombie ? w->now.n_zombies : w->now.n, sizeof(*rows.list));
	for (size_t i = 0; i < w->now.n; i++) {
		const struct parent_case *p = &w->now.parents[i];
		pid_t pid = p->details.process.pid;
		struct row row = { .parent = p };

		row.born = watch_count(w, WATCH_BORN, pid);
		row.reaped = watch_count(w, WATCH_REAPED, pid);
		for (size_t k = 0; face->by_zombie && k < p->n_zombies; k++) {
			row.zombie = p->held[k];
			row.dead_s = watch_dead_s(w, row.zombie, &row.exact);
			rows.list[rows.n++] = row;
		}
		if (face->by_zombie)
			continue;
		find_dead(w, &row);
		rows.list[rows.n++] = row;
	}
	qsort_r(rows.list, rows.n, sizeof(*rows.list), compare_rows, &rows.sort);
	return rows;
}

static void put_dead(struct table *t, const struct row *r)
{
	char text[DURATION_TEXT_SIZE];

	/* ">": it was dead already when it was first seen */
	table_cellf(t, STYLE_PLAIN, "%s%s", r->exact ? "" : ">", duration_format(r->dead_s, text));
}

static void put_comm(struct table *t, const struct watch *w, const char *comm)
{
	auto_free char *text = text_printable(comm, strlen(comm), w->ctx->utf8);

	table_cell(t, STYLE_PLAIN, text);
}

static void put_verdict(struct table *t, const struct parent_case *p)
{
	bool proven = p->verdict.certainty == CERTAINTY_PROVEN;

	table_cellf(t, proven ? STYLE_RED : STYLE_YELLOW, "%s%s", verdict_name(p->verdict.code),
		    proven ? "" : "?");
}

static void put_change(struct table *t, enum style style, char sign, size_t n)
{
	if (n)
		table_cellf(t, style, "%c%zu", sign, n);
	else
		table_cell(t, STYLE_DIM, "-");
}

static void print_parents(const struct watch *w, const struct rows *rows, size_t width, FILE *out)
{
	static const struct column columns[] = {
		{ "PID", true, 0 },	 { "COMMAND", false, 7 },   { "ZOMBIES", true, 0 },
		{ "NEW", true, 0 },	 { "REAPED", true, 0 },	    { "OLDEST", true, 0 },
		{ "VERDICT", false, 8 }, { "CONTAINER", false, 9 },
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->list[i];
		const struct details *d = &r->parent->details;
		auto_free char *where =
			container_label(d->in_container ? &d->container : NULL, w->ctx->utf8);

		table_number(t, STYLE_BOLD, (uint64_t)d->process.pid);
		put_comm(t, w, r->parent->process ? d->process.comm : "?");
		table_number(t, STYLE_PLAIN, r->parent->n_zombies);
		put_change(t, STYLE_RED, '+', r->born);
		put_change(t, STYLE_GREEN, '-', r->reaped);
		put_dead(t, r);
		put_verdict(t, r->parent);
		table_cell(t, STYLE_PLAIN, where);
	}
	table_print(t, out, width, true, w->ctx->color, w->ctx->utf8);
	table_free(t);
}

static void print_zombies(const struct watch *w, const struct rows *rows, size_t width, FILE *out)
{
	static const struct column columns[] = { { "PID", true, 0 },	 { "COMMAND", false, 7 },
						 { "DEAD", true, 0 },	 { "PPID", true, 0 },
						 { "PARENT", false, 6 }, { "VERDICT", false, 8 } };
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->list[i];

		table_number(t, STYLE_BOLD, (uint64_t)r->zombie->pid);
		put_comm(t, w, r->zombie->comm);
		put_dead(t, r);
		table_number(t, STYLE_PLAIN, (uint64_t)r->zombie->ppid);
		put_comm(t, w, r->parent->process ? r->parent->details.process.comm : "?");
		put_verdict(t, r->parent);
	}
	table_print(t, out, width, true, w->ctx->color, w->ctx->utf8);
	table_free(t);
}

/* A line that ends where the terminal does */
static void put_line(const struct watch *w, FILE *out, size_t width, enum style style, char *line)
{
	fprintf(out, "%s%.*s%s\n", style_on(style, w->ctx->color), (int)text_fit(line, width), line,
		style_off(style, w->ctx->color));
	free(line);
}

static char *limit_line(const struct watch *w)
{
	const struct watch_limit *l = &w->limits[w->tightest];
	const char *bound = l->exact ? "" : "at most ";
	char eta[DURATION_TEXT_SIZE];

	if (w->eta_s >= 0)
		return xasprintf("limit: %s: %s%" PRIu64 " left, hit in %s%s at %+.1f tasks/s",
				 l->words, bound, l->headroom, bound,
				 duration_format(w->eta_s, eta), l->growth);
	return xasprintf("limit: %s: %s%" PRIu64 " left, not growing", l->words, bound,
			 l->headroom);
}

static void print_head(const struct watch *w, const struct watch_face *face, size_t width,
		       FILE *out)
{
	const struct census *c = w->now.census;
	char when[TIME_TEXT_SIZE];
	int64_t epoch = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);

	put_line(w, out, width, STYLE_BOLD,
		 xasprintf("%.19sZ  %zu zombie%s under %zu parent%s, %zu processes  every %gs%s",
			   time_format(c->taken_ns + epoch, when), w->now.n_zombies,
			   w->now.n_zombies == 1 ? "" : "s", w->now.n, w->now.n == 1 ? "" : "s",
			   c->n, face->interval_s, face->paused ? "  PAUSED" : ""));
	put_line(w, out, width, STYLE_PLAIN,
		 xasprintf("born %zu (%.1f/s), reaped %zu (%.1f/s), adopted %zu since the start",
			   w->born, w->born_rate, w->reaped, w->reaped_rate, w->adopted));
	if (w->tightest >= 0)
		put_line(w, out, width, w->eta_s >= 0 ? STYLE_YELLOW : STYLE_PLAIN, limit_line(w));
}

static void print_recent(const struct watch *w, const struct watch_face *face, size_t width,
			 FILE *out)
{
	size_t from = face->n_recent > RECENT ? face->n_recent - RECENT : 0;

	for (size_t i = from; i < face->n_recent; i++) {
		char *line = NULL;
		size_t size;
		FILE *text = open_memstream(&line, &size);

		if (!text)
			return;
		watch_print_event(w->ctx, &face->recent[i], text);
		fclose(text);
		line[strcspn(line, "\n")] = '\0';
		put_line(w, out, width, STYLE_DIM, line);
	}
}

/* So many lines of text, and how many more there are */
static void put_some(const char *text, size_t lines, FILE *out)
{
	size_t n = 0, left = 0;

	for (; *text; text += strcspn(text, "\n") + 1) {
		if (n++ < lines)
			fprintf(out, "%.*s\n", (int)strcspn(text, "\n"), text);
		else
			left++;
	}
	if (left)
		fprintf(out, "and %zu more\n", left);
}

void watch_print_frame(const struct watch *w, const struct watch_face *face, FILE *out)
{
	size_t width = face->width ? face->width : PIPE_WIDTH, size, taken = 8 + RECENT;
	struct rows rows = collect(w, face);
	char *text = NULL;
	FILE *table = open_memstream(&text, &size);

	print_head(w, face, width, out);
	fputc('\n', out);
	if (table) {
		if (rows.n && face->by_zombie)
			print_zombies(w, &rows, width, table);
		else if (rows.n)
			print_parents(w, &rows, width, table);
		fclose(table);
		put_some(text,
			 !face->rows		? SIZE_MAX :
			 face->rows > taken + 2 ? face->rows - taken :
						  3,
			 out);
	}
	free(text);
	free(rows.list);
	if (face->n_recent)
		fputc('\n', out);
	print_recent(w, face, width, out);
	if (face->rows)
		put_line(w, out, width, STYLE_DIM, xstrdup(HELP));
}
