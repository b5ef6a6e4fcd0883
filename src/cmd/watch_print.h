/* SPDX-License-Identifier: MIT */
/* The forms in which coroner watch shows what it saw. */
#ifndef CORONER_WATCH_PRINT_H
#define CORONER_WATCH_PRINT_H

#include <stdio.h>

#include "cmd/watch_state.h"

enum watch_sort {
	SORT_ZOMBIES,
	SORT_OLDEST,
	SORT_NEW,
};

/* What a frame shows, as the keys have it. */
struct watch_face {
	double interval_s;
	enum watch_sort sort;
	bool by_zombie; /* a row for each zombie, not for each parent */
	bool paused;
	size_t width, rows;		  /* 0: no terminal; all rows, no help for keys */
	const struct watch_event *recent; /* borrowed; oldest first; may be NULL */
	size_t n_recent;
};

/* One frame: totals, rates, the tightest limit, the table, what happened last. */
void watch_print_frame(const struct watch *w, const struct watch_face *face, FILE *out);

/* One look as a JSON object on one line: "coroner.watch/1". */
void watch_print_json(const struct watch *w, FILE *out);

/* One event as a line, or as a JSON object on one line: "coroner.watch-event/1". */
void watch_print_event(const struct context *ctx, const struct watch_event *e, FILE *out);
void watch_print_event_json(const struct watch_event *e, FILE *out);

#endif
