/* SPDX-License-Identifier: MIT */
/* What a form is given, and the forms of every command: one file each in text/, json/ and monitor/. */
#ifndef CORONER_SHOW_H
#define CORONER_SHOW_H

#include <stdio.h>

#include "case/sight.h"
#include "render/terminal.h"

/* An answer to be shown. All of it has been read: a form looks nothing up and changes nothing. */
struct answer {
	const struct sight *sight; /* the census, the notes */
	const struct terminal *terminal;
	const void *facts; /* of the command that is shown */
	FILE *out;	   /* standard output, or memory */
};

struct attempts;
struct measures;
struct reapings;

/* What `reap` is about to do, a few lines a parent, for a question on a terminal. */
void reap_print_plan(FILE *out, const struct terminal *terminal, const struct reapings *all);

/* The same of `nudge`. */
void nudge_print_plan(FILE *out, const struct terminal *terminal, const struct attempts *all);

/* All of metrics in OpenMetrics text 1.0; an error of out stays in ferror(out). */
void metrics_write(FILE *out, const struct measures *m);

/*
 * Each prints on standard output, those of a command that may give up in time on out; an error of it
 * stays in ferror().
 */
void check_nagios(const struct answer *a);
void check_json(const struct answer *a);
void check_tap(const struct answer *a);
void check_junit(const struct answer *a);
void headroom_text(const struct answer *a);
void headroom_json(const struct answer *a);
void metrics_openmetrics(const struct answer *a);
/* Each prints on standard output; an error of it stays in ferror(stdout). */
void explain_text(const struct answer *a);
void explain_json(const struct answer *a);
void list_text(const struct answer *a);
void list_json(const struct answer *a);
void namespaces_text(const struct answer *a);
void namespaces_json(const struct answer *a);
void nudge_text(const struct answer *a);
void nudge_json(const struct answer *a);
void orphans_text(const struct answer *a);
void orphans_json(const struct answer *a);
void probe_text(const struct answer *a);
void probe_json(const struct answer *a);
void reap_text(const struct answer *a);
void reap_json(const struct answer *a);
void reaper_text(const struct answer *a);
void reaper_json(const struct answer *a);
void signals_text(const struct answer *a);
void signals_json(const struct answer *a);
void version_text(const struct answer *a);
void version_json(const struct answer *a);
void watch_text(const struct answer *a);
void watch_json(const struct answer *a);
void watch_events_text(const struct answer *a);
void watch_events_json(const struct answer *a);
void tree_text(const struct answer *a);
void tree_json(const struct answer *a);
void tree_dot(const struct answer *a);

#endif
