/* SPDX-License-Identifier: MIT */
/* Tables for people: columns as wide as they must be, narrowed where the terminal ends. */
#ifndef CORONER_TABLE_H
#define CORONER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_RED,
	STYLE_YELLOW,
	STYLE_GREEN,
	STYLE_CYAN,
};

struct column {
	const char *heading; /* static */
	bool right;	     /* numbers are set to the right */
	size_t least;	     /* columns that are left when it is narrowed; 0: never narrowed */
};

struct table;

/* A table of n columns; columns is borrowed until table_free(). */
struct table *table_new(const struct column *columns, size_t n);
void table_free(struct table *t);

/* Add the next cell, row by row; text is copied and must come from text_printable() or be ours. */
void table_cell(struct table *t, enum style style, const char *text);
void table_cellf(struct table *t, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same of a number without a sign, in decimal. */
void table_number(struct table *t, enum style style, uint64_t number);

/* Add a line below the row that was just completed, indented, cut at the table's width. */
void table_under(struct table *t, enum style style, const char *text);

/*
 * Print it, at most width columns wide (0: as wide as it gets), cells parted by one space or more;
 * narrowed text ends in "…" ("+" without utf8).
 */
void table_print(const struct table *t, FILE *out, size_t width, bool headings, bool color,
		 bool utf8);

/* Escape sequences that switch a style on and off (ECMA-48 SGR); "" without color. Static. */
const char *style_on(enum style style, bool color);
const char *style_off(enum style style, bool color);

#endif
