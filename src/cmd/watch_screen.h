/* SPDX-License-Identifier: MIT */
/* coroner watch on a terminal: frames, keys, and the story of the row that was chosen. */
#ifndef CORONER_WATCH_SCREEN_H
#define CORONER_WATCH_SCREEN_H

#include "case/explain/explain_case.h"
#include "cmd/cmd.h"
#include "show/watch.h"

struct watch_screen {
	struct context *ctx;	  /* borrowed */
	struct watch_view *view;  /* borrowed */
	struct explanation story; /* while its page is shown */
	bool has_story;
	char *failure; /* owned: why there is none */
};

/* Draw the page that is shown. */
void watch_screen_draw(struct watch_screen *s);

/* Take a key. Returns what it wants that is not done yet: to quit, to look, or nothing. */
enum watch_wish watch_screen_key(struct watch_screen *s, int key);

/* Free what it owns: the story and why there is none. */
void watch_screen_done(struct watch_screen *s);

#endif
