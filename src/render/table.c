/* SPDX-License-Identifier: MIT */
#include "render/table.h"

#include <stdarg.h>

#include "base/base.h"
#include "base/decimal.h"
#include "render/text.h"

#define UNDER SIZE_MAX /* the column of a line below a row */
#define INDENT 8

struct cell {
	size_t text; /* where in the table's text: a string */
	size_t column;
	size_t width; /* in columns of the terminal */
	enum style style;
};

struct table {
	const struct column *columns;
	size_t n_columns;
	struct cell *cells;
	size_t n, cap;
	char *text; /* owned: of all cells, one behind the other */
	size_t len, text_cap;
	size_t next; /* column of the next cell */
};

/*
 * Each colour is one of the fixed ones of the 256, with a contrast of 4 or more against black and against white
 * (WCAG 2.1): yellow and cyan out of a terminal's own 16 cannot be read on white.
 */
static const char *const codes[] = {
	[STYLE_BOLD] = "\033[1m",	 [STYLE_DIM] = "\033[2m",
	[STYLE_RED] = "\033[38;5;161m",	 [STYLE_YELLOW] = "\033[38;5;130m",
	[STYLE_GREEN] = "\033[38;5;28m", [STYLE_CYAN] = "\033[38;5;31m",
};

const char *style_on(enum style style, bool color)
{
	return color && style != STYLE_PLAIN ? codes[style] : "";
}

const char *style_off(enum style style, bool color)
{
	return color && style != STYLE_PLAIN ? "\033[0m" : "";
}

struct table *table_new(const struct column *columns, size_t n)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->columns = columns;
	t->n_columns = n;
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	free(t->text);
	free(t->cells);
	free(t);
}

static void add(struct table *t, size_t column, enum style style, const char *text)
{
	size_t size = strlen(text) + 1;

	while (t->text_cap - t->len < size) {
		t->text_cap = t->text_cap ? 2 * t->text_cap : 4096;
		t->text = xreallocarray(t->text, t->text_cap, 1);
	}
	memcpy(t->text + t->len, text, size);
	ARRAY_GROW(t->cells, t->n, t->cap);
	t->cells[t->n++] = (struct cell){ t->len, column, text_width(text), style };
	t->len += size;
}

void table_cell(struct table *t, enum style style, const char *text)
{
	add(t, t->next, style, text);
	t->next = (t->next + 1) % t->n_columns;
}

void table_cellf(struct table *t, enum style style, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	table_cell(t, style, text);
}

void table_number(struct table *t, enum style style, uint64_t number)
{
	char text[DECIMAL_SIZE];

	text[sizeof(text) - 1] = '\0';
	table_cell(t, style, decimal_before(text + sizeof(text) - 1, number));
}

void table_under(struct table *t, enum style style, const char *text)
{
	add(t, UNDER, style, text);
}

static void natural_widths(const struct table *t, bool headings, size_t *width)
{
	for (size_t c = 0; c < t->n_columns; c++)
		width[c] = headings ? text_width(t->columns[c].heading) : 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct cell *cell = &t->cells[i];

		if (cell->column != UNDER && cell->width > width[cell->column])
			width[cell->column] = cell->width;
	}
}

/* The columns that may be narrowed give way from left to right, each down to its least */
static void narrow(const struct table *t, size_t limit, size_t *width)
{
	size_t total = t->n_columns - 1;

	for (size_t c = 0; c < t->n_columns; c++)
		total += width[c];
	for (size_t c = 0; c < t->n_columns && total > limit; c++) {
		size_t least = t->columns[c].least, give;

		if (least == 0 || width[c] <= least)
			continue;
		give = width[c] - least < total - limit ? width[c] - least : total - limit;
		width[c] -= give;
		total -= give;
	}
}

static void pad(FILE *out, size_t n)
{
	while (n-- > 0)
		putc_unlocked(' ', out);
}

/* Text, as wide as it has, in a field of that width; a last column is not padded, so that no line ends in blanks */
static void put(FILE *out, const char *text, size_t has, size_t width, bool right, bool last,
		bool utf8)
{
	if (has > width && width > 0) {
		size_t bytes = text_fit(text, width - 1);

		fprintf(out, "%.*s%s", (int)bytes, text, utf8 ? "…" : "+");
		return;
	}
	if (right)
		pad(out, width - has);
	fputs_unlocked(text, out);
	if (!right && !last)
		pad(out, width - has);
}

static void put_heading(const struct table *t, FILE *out, const size_t *width, bool color,
			bool utf8)
{
	fputs(style_on(STYLE_BOLD, color), out);
	for (size_t c = 0; c < t->n_columns; c++) {
		bool last = c + 1 == t->n_columns;

		put(out, t->columns[c].heading, text_width(t->columns[c].heading), width[c],
		    t->columns[c].right, last, utf8);
		fputs(last ? "" : " ", out);
	}
	fprintf(out, "%s\n", style_off(STYLE_BOLD, color));
}

static void put_under(const struct table *t, const struct cell *cell, FILE *out, size_t limit,
		      bool color, bool utf8)
{
	size_t room = limit > INDENT ? limit - INDENT : limit ? 1 : cell->width;

	pad(out, INDENT);
	fputs(style_on(cell->style, color), out);
	put(out, t->text + cell->text, cell->width, room, false, true, utf8);
	fprintf(out, "%s\n", style_off(cell->style, color));
}

void table_print(const struct table *t, FILE *out, size_t limit, bool headings, bool color,
		 bool utf8)
{
	auto_free size_t *width = xcalloc(t->n_columns, sizeof(*width));

	natural_widths(t, headings, width);
	if (limit)
		narrow(t, limit, width);
	if (headings)
		put_heading(t, out, width, color, utf8);
	for (size_t i = 0; i < t->n; i++) {
		const struct cell *cell = &t->cells[i];
		const struct column *column;
		bool last;

		if (cell->column == UNDER) {
			put_under(t, cell, out, limit, color, utf8);
			continue;
		}
		column = &t->columns[cell->column];
		last = cell->column + 1 == t->n_columns;
		fputs_unlocked(style_on(cell->style, color), out);
		put(out, t->text + cell->text, cell->width, width[cell->column], column->right,
		    last, utf8);
		fputs_unlocked(style_off(cell->style, color), out);
		putc_unlocked(last ? '\n' : ' ', out);
	}
}
