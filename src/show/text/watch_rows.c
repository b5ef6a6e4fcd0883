/* SPDX-License-Identifier: MIT */
/* The rows of coroner watch: a parent or a zombie each, sorted, as a table. */
#include "base/duration.h"
#include "render/table.h"
#include "render/text.h"
#include "show/watch.h"
#include "words/label.h"
#include "words/verdict.h"

/* What all cells are given. */
struct frame {
	const struct terminal *terminal;
	size_t width;
};

pid_t watch_row_pid(const struct watch_row *r)
{
	return r->zombie ? r->zombie->pid : r->parent->details.process.pid;
}

static int compare_rows(const void *a, const void *b, void *sort)
{
	const struct watch_row *x = a, *y = b;
	enum watch_sort by = *(const enum watch_sort *)sort;

	if (by == SORT_NEW && x->died != y->died)
		return x->died < y->died ? 1 : -1;
	if (by == SORT_ZOMBIES && x->parent->n_zombies != y->parent->n_zombies)
		return x->parent->n_zombies < y->parent->n_zombies ? 1 : -1;
	if (x->dead_s != y->dead_s)
		return x->dead_s < y->dead_s ? 1 : -1;
	/* no row changes its place for nothing */
	return watch_row_pid(x) < watch_row_pid(y) ? -1 : 1;
}

/* How long the oldest is dead: the true time of death, or since it was first seen here */
static void find_dead(const struct watch *w, struct watch_row *r)
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

struct watch_rows watch_rows(const struct watch *w, const struct watch_face *face)
{
	struct watch_rows rows = { .sort = face->sort };

	rows.list = xcalloc(face->by_zombie ? w->now.n_zombies : w->now.n, sizeof(*rows.list));
	for (size_t i = 0; i < w->now.n; i++) {
		const struct parent_case *p = &w->now.parents[i];
		pid_t pid = p->details.process.pid;
		struct watch_row row = { .parent = p };

		row.died = watch_count(w, WATCH_DIED, pid);
		row.reaped = watch_count(w, WATCH_REAPED, pid);
		for (size_t k = 0; face->by_zombie && k < p->n_zombies; k++) {
			row.zombie = p->held[k];
			/* all of them, or a sample */
			row.looked = p->n_looked_at == p->n_zombies ? &p->zombies[k] : NULL;
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

static void put_dead(struct table *t, const struct watch_row *r)
{
	char text[DURATION_TEXT_SIZE];

	/* ">": it was dead already when it was first seen */
	table_cellf(t, STYLE_PLAIN, "%s%s", r->exact ? "" : ">", duration_format(r->dead_s, text));
}

static void put_comm(struct table *t, const struct frame *f, const char *comm)
{
	auto_free char *text = text_printable(comm, strlen(comm), f->terminal->utf8);

	table_cell(t, STYLE_PLAIN, text);
}

/* A zombie's own, which need not be that of most of its parent's */
static void put_verdict(struct table *t, const struct watch_row *r)
{
	const struct verdict *v = &r->parent->verdict;
	bool proven;

	if (r->zombie && !r->looked) {
		table_cell(t, STYLE_DIM, "?");
		return;
	}
	if (r->zombie)
		v = &r->looked->verdict;
	proven = v->certainty == CERTAINTY_PROVEN;
	table_cellf(t,
		    !v->alerting ? STYLE_GREEN :
		    proven	 ? STYLE_RED :
				   STYLE_YELLOW,
		    "%s%s", verdict_name(v->code), proven ? "" : "?");
}

static void put_change(struct table *t, enum style style, char sign, size_t n)
{
	if (n)
		table_cellf(t, style, "%c%zu", sign, n);
	else
		table_cell(t, STYLE_DIM, "-");
}

static void print_parents(const struct frame *f, const struct watch_rows *rows, FILE *out)
{
	static const struct column columns[] = {
		{ "PID", true, 0 },	 { "COMMAND", false, 7 },   { "ZOMBIES", true, 0 },
		{ "NEW", true, 0 },	 { "REAPED", true, 0 },	    { "OLDEST", true, 0 },
		{ "VERDICT", false, 8 }, { "CONTAINER", false, 9 },
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < rows->n; i++) {
		const struct watch_row *r = &rows->list[i];
		const struct details *d = &r->parent->details;
		auto_free char *where =
			container_label(d->in_container ? &d->container : NULL, f->terminal->utf8);

		table_number(t, STYLE_BOLD, (uint64_t)d->process.pid);
		put_comm(t, f, r->parent->process ? d->process.comm : "?");
		table_number(t, STYLE_PLAIN, r->parent->n_zombies);
		put_change(t, STYLE_RED, '+', r->died);
		put_change(t, STYLE_GREEN, '-', r->reaped);
		put_dead(t, r);
		put_verdict(t, r);
		table_cell(t, STYLE_PLAIN, where);
	}
	table_print(t, out, f->width, true, f->terminal->color, f->terminal->utf8);
	table_free(t);
}

static void print_zombies(const struct frame *f, const struct watch_rows *rows, FILE *out)
{
	static const struct column columns[] = { { "PID", true, 0 },	 { "COMMAND", false, 7 },
						 { "DEAD", true, 0 },	 { "PPID", true, 0 },
						 { "PARENT", false, 6 }, { "VERDICT", false, 8 } };
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < rows->n; i++) {
		const struct watch_row *r = &rows->list[i];

		table_number(t, STYLE_BOLD, (uint64_t)r->zombie->pid);
		put_comm(t, f, r->zombie->comm);
		put_dead(t, r);
		table_number(t, STYLE_PLAIN, (uint64_t)r->zombie->ppid);
		put_comm(t, f, r->parent->process ? r->parent->details.process.comm : "?");
		put_verdict(t, r);
	}
	table_print(t, out, f->width, true, f->terminal->color, f->terminal->utf8);
	table_free(t);
}

void watch_rows_print(const struct watch_rows *rows, const struct watch_face *face,
		      const struct terminal *terminal, size_t width, FILE *out)
{
	const struct frame f = { terminal, width };

	if (rows->n && face->by_zombie)
		print_zombies(&f, rows, out);
	else if (rows->n)
		print_parents(&f, rows, out);
}
