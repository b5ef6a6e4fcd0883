/* SPDX-License-Identifier: MIT */
/* What the keys of coroner watch change, and what the screen has room for. */
#include "render/screen.h"
#include "show/watch.h"
#include "words/watch.h"

#define SMALL 8 /* rows of a screen */

/* One place up or down, a page, to an end; of n places */
static bool move(int key, size_t page, size_t n, size_t *at)
{
	const size_t last = n ? n - 1 : 0, step = page ? page : 1;

	if (key == KEY_UP || key == 'k')
		*at -= *at > 0;
	else if (key == KEY_DOWN || key == 'j')
		*at += *at < last;
	else if (key == KEY_PAGE_UP)
		*at -= *at > step ? step : *at;
	else if (key == KEY_PAGE_DOWN)
		*at = *at + step < last ? *at + step : last;
	else if (key == KEY_HOME || key == 'g')
		*at = 0;
	else if (key == KEY_END || key == 'G')
		*at = last;
	else
		return false;
	return true;
}

/* On a page of text: it scrolls, and all that is no arrow closes it */
static enum watch_wish page_key(struct watch_face *f, int key)
{
	const size_t lines = f->story_lines, shown = f->story_shown;

	if (!move(key, shown, lines > shown ? lines - shown + 1 : 1, &f->story_line))
		f->page = WATCH_LIST;
	return WATCH_WISH_NOTHING;
}

static void sort_by(struct watch_face *f, enum watch_sort sort)
{
	f->sort = sort;
	f->chosen = 0;
}

static enum watch_wish list_key(struct watch_face *f, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return WATCH_WISH_QUIT;
	case 'z':
		sort_by(f, SORT_ZOMBIES);
		break;
	case 'o':
		sort_by(f, SORT_OLDEST);
		break;
	case 'n':
		sort_by(f, SORT_NEW);
		break;
	case 'p':
	case ' ':
		f->paused = !f->paused;
		break;
	case 't':
		f->by_zombie = !f->by_zombie;
		f->chosen = 0;
		return WATCH_WISH_LOOK;
	case '+':
		f->interval_s *= f->interval_s < 3600 ? 2 : 1;
		break;
	case '-':
		f->interval_s /= f->interval_s > 2 * WATCH_LEAST_MS / 1e3 ? 2 : 1;
		break;
	case '?':
		f->page = WATCH_KEYS;
		f->story_line = 0;
		break;
	case KEY_ENTER:
	case KEY_RIGHT:
		return f->n_rows ? WATCH_WISH_EXPLAIN : WATCH_WISH_NOTHING;
	default:
		break;
	}
	return WATCH_WISH_NOTHING;
}

enum watch_wish watch_face_key(struct watch_face *f, int key)
{
	if (f->page != WATCH_LIST)
		return page_key(f, key);
	if (move(key, f->shown, f->n_rows, &f->cursor)) {
		f->chosen = -1; /* whoever is there now: watch_face_place() */
		return WATCH_WISH_NOTHING;
	}
	return list_key(f, key);
}

/* The chosen process keeps its mark wherever its row goes; one that is gone leaves it to who takes its place */
static void find_chosen(struct watch_face *f, const struct watch_rows *rows)
{
	f->n_rows = rows->n;
	if (f->chosen == 0)
		f->cursor = 0;
	for (size_t i = 0; f->chosen > 0 && i < rows->n; i++) {
		if (watch_row_pid(&rows->list[i]) != f->chosen)
			continue;
		f->cursor = i;
		return;
	}
	if (f->cursor >= rows->n)
		f->cursor = rows->n ? rows->n - 1 : 0;
	if (f->chosen)
		f->chosen = rows->n ? watch_row_pid(&rows->list[f->cursor]) : 0;
}

/* The table comes first; the latest events have some lines of their own, and all that it leaves */
static void lay_out(struct watch_face *f, const struct watch *w)
{
	const size_t title = 2; /* an empty line, and what they are */
	/* the head, an empty line, the headings, the keys */
	const size_t head = 2 + (size_t)(w->limits.tightest >= 0) + 1;
	const size_t taken = (f->small ? 1 : head) + (size_t)(f->n_rows > 0) + 1;
	const size_t room = f->rows > taken ? f->rows - taken : 0;
	size_t own = w->n_recent < WATCH_RECENT_LEAST ? w->n_recent : WATCH_RECENT_LEAST;
	size_t left;

	/* on a small screen the table has all */
	if (room < own + title + WATCH_RECENT_LEAST)
		own = 0;
	left = room - (own ? own + title : 0);
	f->shown = f->n_rows <= left ? f->n_rows : left ? left - 1 : 0;
	left = room - f->shown - (f->shown < f->n_rows && room > f->shown);
	f->events = left > title ? left - title : 0;
	if (f->events > w->n_recent)
		f->events = w->n_recent;
	if (f->cursor < f->first)
		f->first = f->cursor;
	if (f->cursor >= f->first + f->shown)
		f->first = f->shown ? f->cursor - f->shown + 1 : f->cursor;
	if (f->first + f->shown > f->n_rows)
		f->first = f->n_rows - f->shown;
}

void watch_face_place(struct watch_face *f, const struct watch *w)
{
	struct watch_rows rows = watch_rows(w, f);

	find_chosen(f, &rows);
	free(rows.list);
	f->small = f->rows < SMALL;
	lay_out(f, w);
}
