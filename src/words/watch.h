/* SPDX-License-Identifier: MIT */
/* What happened between two looks, and the limit that is hit first, a line each. */
#ifndef CORONER_WATCH_WORDS_H
#define CORONER_WATCH_WORDS_H

#include "case/watch/watch_state.h"
#include "render/terminal.h"

/* "2026-01-02T03:04:05.678Z died    12 (sh) of 10 (init), exit status 3"; owned by the caller. */
char *watch_event_line(const struct terminal *t, const struct watch_event *e);

/* "limit: 12 left, hit in 8m at +1.5 tasks/s: pids.max of /a"; there is a tightest one. Owned by the caller. */
char *watch_limit_line(const struct terminal *t, const struct watch *w);

/* What stands above the n latest of the events that are remembered; owned by the caller. */
char *watch_recent_title(size_t n, const struct watch *w);

/* That there is no room for any of them, before what else is in that line; static. */
const char *watch_no_room(void);

/* "and 15 more: 3 above, 12 below": the rows that a screen has no room for; owned by the caller. */
char *watch_more_line(size_t above, size_t below);

/* The line below a page of text, of which the lines from first on are shown; owned by the caller. */
char *watch_page_line(size_t first, size_t shown, size_t lines);

/* The most useful keys, in a line; what each key does, a line each, the last one with its newline. Static. */
const char *watch_help_line(void);
const char *watch_keys(void);

/* Why the row that was chosen cannot be explained, and a newline; owned by the caller. */
char *watch_no_story(pid_t pid, const char *why);

#endif
