/* SPDX-License-Identifier: MIT */
/* What a frame of coroner watch is given beside what was seen, and what its keys change of that. */
#ifndef CORONER_SHOW_WATCH_H
#define CORONER_SHOW_WATCH_H

#include <stdio.h>

#include "case/watch/watch_state.h"
#include "render/terminal.h"

#define WATCH_LEAST_MS 100 /* between two looks */

enum { WATCH_RECENT_LEAST = 6 }; /* of the latest events, where there is room */

enum watch_sort {
	SORT_ZOMBIES,
	SORT_OLDEST,
	SORT_NEW,
};

enum watch_page {
	WATCH_LIST,
	WATCH_STORY, /* explain, of the row that was chosen */
	WATCH_KEYS,  /* what the keys do */
};

/* What a key wants of whoever shows the frames. */
enum watch_wish {
	WATCH_WISH_NOTHING, /* but to be drawn anew */
	WATCH_WISH_QUIT,
	WATCH_WISH_LOOK,    /* at once: rows are shown that the last look did not look at */
	WATCH_WISH_EXPLAIN, /* the chosen row */
};

/* What a frame shows, as the keys have it. */
struct watch_face {
	double interval_s;
	enum watch_sort sort;
	bool by_zombie; /* a row for each zombie, not for each parent */
	bool paused;
	size_t width, rows; /* 0: no terminal; all rows, no help for keys */
	enum watch_page page;
	pid_t chosen;	   /* whose row is marked; 0: whoever is first */
	size_t cursor;	   /* the place of that row */
	bool small;	   /* the screen: of the head the first line alone */
	size_t n_rows;	   /* that there are */
	size_t first;	   /* the first one shown */
	size_t shown;	   /* so many */
	size_t events;	   /* so many of the latest events */
	size_t story_line; /* the first one shown of the story */
	size_t story_lines, story_shown;
};

/* The facts of the forms watch_text(), watch_json(), watch_events_text() and watch_events_json(). */
struct watch_view {
	struct watch watch;
	struct watch_face face;
	const char *story; /* borrowed: the text of the page WATCH_STORY */
};

/* Have a key (render/screen.h) change the face. */
enum watch_wish watch_face_key(struct watch_face *face, int key);

/* Find the chosen row among those of the last look, and what there is room for: before each frame of a screen. */
void watch_face_place(struct watch_face *face, const struct watch *w);

/* The rows of the list, in the order asked for. */
struct watch_row {
	const struct parent_case *parent;
	const struct process *zombie;	  /* NULL: a row for the parent */
	const struct zombie_case *looked; /* at that zombie; NULL: not yet */
	size_t died, reaped;		  /* with the last look */
	double dead_s;
	bool exact;
};

struct watch_rows {
	struct watch_row *list; /* owned */
	size_t n;
	enum watch_sort sort;
};

/* Whose row it is. */
pid_t watch_row_pid(const struct watch_row *r);

/* All rows of the last look, sorted as the face has it; the list is the caller's to free(3). */
struct watch_rows watch_rows(const struct watch *w, const struct watch_face *face);

/* Print them as a table: the headings, then a line each. */
void watch_rows_print(const struct watch_rows *rows, const struct watch_face *face,
		      const struct terminal *terminal, size_t width, FILE *out);

#endif
