/* SPDX-License-Identifier: MIT */
/* coroner signals: masks by name, and what a signal sent from inside or outside would do. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "cmd/missing.h"
#include "cmd/signal_targets.h"
#include "cmd/signals_json.h"
#include "cmd/subject.h"
#include "inspect/signals.h"
#include "render/json.h"
#include "render/table.h"
#include "render/text.h"

#define MAX_FOOTNOTES 32
#define MANY 40 /* signals in a set that is better told by what it lacks */
#define LABEL 8 /* columns of "SigPnd  " */

struct signals_options {
	bool all;
};

static const struct option_spec options[] = {
	{ 'a', "all", NULL, "what each of the 64 signals would do, not just five" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct signals_options *o = own;

	(void)id;
	(void)argument;
	(void)ret_error;
	o->all = true;
	return 0;
}

/* The rules that the table has used, numbered as they came up */
struct footnotes {
	const char *why[MAX_FOOTNOTES];
	size_t n;
};

static size_t footnote(struct footnotes *f, const char *why)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->why[i] == why)
			return i + 1;
	if (f->n < MAX_FOOTNOTES)
		f->why[f->n++] = why;
	return f->n;
}

static int count_bits(uint64_t set)
{
	return __builtin_popcountll(set);
}

static void put_names(FILE *out, uint64_t set)
{
	char name[SIGNAL_NAME_SIZE];
	bool first = true;

	for (int s = 1; s <= 64; s++) {
		if (!mask_has(set, s))
			continue;
		fprintf(out, "%s%s", first ? "" : " ", signal_name(s, name));
		first = false;
	}
}

static char *set_text(uint64_t set)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup("?");
	if (set == 0) {
		fputs("none", out);
	} else if (set == UINT64_MAX) {
		fputs("all", out);
	} else if (count_bits(set) >= MANY) {
		fputs("all but ", out);
		put_names(out, ~set);
	} else {
		put_names(out, set);
	}
	fclose(out);
	return text;
}

static void print_set(size_t width, const char *label, uint64_t set)
{
	auto_free char *names = set_text(set);
	auto_free char *line = xasprintf("%s %016" PRIx64 " %s", label, set, names);

	fputs("  ", stdout);
	text_hang(stdout, line, 2, LABEL + 18, width);
}

static void print_masks(const struct signal_view *v, size_t width)
{
	const struct signal_masks *m = &v->details.status.masks;

	print_set(width, "SigPnd", m->pending);
	print_set(width, "ShdPnd", m->shared_pending);
	print_set(width, "SigBlk", m->blocked);
	print_set(width, "SigIgn", m->ignored);
	print_set(width, "SigCgt", m->caught);
}

static void print_awaited(const struct thread *t, size_t width)
{
	auto_free char *names = t->awaited ? set_text(t->awaited) :
					     xstrdup("a set that is not known");
	auto_free char *line =
		xasprintf("thread %d sleeps in rt_sigtimedwait for: %s", t->tid, names);

	fputs("  ", stdout);
	text_hang(stdout, line, 2, 4, width);
}

/* Threads whose own masks are not those of the main one, which are shown above */
static void print_threads(const struct signal_view *v, size_t width)
{
	const struct signal_masks *main = &v->details.status.masks;

	for (size_t i = 0; i < v->details.n_threads; i++) {
		const struct thread *t = &v->details.threads[i];
		auto_free char *label = xasprintf("thread %d blocks", t->tid);
		auto_free char *label2 = xasprintf("thread %d has pending", t->tid);

		if (t->blocked_in.wait == WAIT_FOR_SIGNALS)
			print_awaited(t, width);
		if (t->masks.blocked != main->blocked)
			print_set(width, label, t->masks.blocked);
		if (t->masks.pending != main->pending)
			print_set(width, label2, t->masks.pending);
	}
	for (size_t i = 0; i < v->n_signalfds; i++) {
		auto_free char *label = xasprintf("signalfd %d takes", v->signalfds[i].fd);

		print_set(width, label, v->signalfds[i].mask);
	}
}

static void put_outcome(struct table *t, const struct signal_outcome *o, struct footnotes *notes)
{
	static const char *const words[] = {
		[EFFECT_NOTHING] = "nothing",	     [EFFECT_DIES] = "ends it",
		[EFFECT_STOPS] = "stops it",	     [EFFECT_CONTINUES] = "lets it run on",
		[EFFECT_HANDLED] = "runs a handler", [EFFECT_TAKEN] = "is taken",
		[EFFECT_PENDING] = "stays pending",  [EFFECT_TRACER] = "goes to the tracer",
	};
	static const enum style styles[] = {
		[EFFECT_NOTHING] = STYLE_DIM,	 [EFFECT_DIES] = STYLE_RED,
		[EFFECT_STOPS] = STYLE_RED,	 [EFFECT_CONTINUES] = STYLE_GREEN,
		[EFFECT_HANDLED] = STYLE_GREEN,	 [EFFECT_TAKEN] = STYLE_GREEN,
		[EFFECT_PENDING] = STYLE_YELLOW, [EFFECT_TRACER] = STYLE_YELLOW,
	};

	table_cellf(t, styles[o->effect], "%s%s [%zu]", words[o->effect], o->certain ? "" : "?",
		    footnote(notes, o->why));
}

static void print_effects(const struct context *ctx, const struct signal_view *v, bool all,
			  size_t width)
{
	static const struct column columns[] = { { "  SENT", false, 0 },
						 { "FROM ITS OWN PID NAMESPACE", false, 8 },
						 { "FROM AN ANCESTOR PID NAMESPACE", false, 8 } };
	/* nothing lies above the outermost namespace */
	bool above = v->target.outermost != TRI_YES;
	struct table *t = table_new(columns, ARRAY_SIZE(columns) - !above);
	struct footnotes notes = { .n = 0 };
	char name[SIGNAL_NAME_SIZE];
	bool chld_handled = false;
	int signal;

	for (size_t i = 0; (signal = signals_nth(all, i)); i++) {
		struct signal_outcome own = signal_judge(&v->target, signal, false);
		struct signal_outcome outside = signal_judge(&v->target, signal, true);

		table_cellf(t, STYLE_BOLD, "  %s", signal_name(signal, name));
		chld_handled |= signal == SIGCHLD && own.effect == EFFECT_HANDLED;
		put_outcome(t, &own, &notes);
		if (above)
			put_outcome(t, &outside, &notes);
	}
	table_print(t, stdout, width, true, ctx->color, ctx->utf8);
	table_free(t);
	for (size_t i = 0; i < notes.n; i++) {
		auto_free char *line = xasprintf("[%zu] %s", i + 1, notes.why[i]);

		fputs("  ", stdout);
		text_hang(stdout, line, 2, 6, width);
	}
	if (chld_handled) {
		fputs("  ", stdout);
		text_hang(
			stdout,
			"A handler for SIGCHLD does not mean that zombies are reaped; coroner nudge tries it.",
			2, 4, width);
	}
}

/* What lets it run lets that through, too */
static void print_fatal_pending(const struct signal_view *v, size_t width)
{
	int signal = signal_fatal_pending(&v->target);
	auto_free char *line = NULL;
	char name[SIGNAL_NAME_SIZE];

	if (!signal)
		return;
	line = xasprintf("%s is pending%s: it ends as soon as it runs again.",
			 signal_name(signal, name), signal == SIGKILL ? "" : " and has no handler");
	fputs("  ", stdout);
	text_hang(stdout, line, 2, 4, width);
}

static void print_text(const struct context *ctx, const struct signal_view *v, bool all)
{
	size_t width = cmd_width(ctx);
	auto_free char *line = subject_line(ctx, &v->details);
	const char *hint = signals_hint(v);

	fputs(style_on(STYLE_BOLD, ctx->color), stdout);
	text_wrap(stdout, line, 4, width);
	fputs(style_off(STYLE_BOLD, ctx->color), stdout);
	print_masks(v, width);
	print_threads(v, width);
	print_fatal_pending(v, width);
	putchar('\n');
	print_effects(ctx, v, all, width);
	if (hint) {
		fputs("  ", stdout);
		text_hang(stdout, hint, 2, 4, width);
	}
}

static int look(struct context *ctx, const struct census *c, pid_t pid, struct signal_view *ret)
{
	const struct process *p = subject_find(c, pid);
	int r = p ? signal_view_read(ctx, c, p, ret) : -ESRCH;

	if (p && r == -EACCES)
		complain(
			"the signal masks of process %d cannot be read: it belongs to another user",
			pid);
	else if (p && r < 0)
		complain_lost(pid, r);
	return r;
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	const struct signals_options *o = own;
	auto_free pid_t *pids = xcalloc((size_t)n_args, sizeof(*pids));
	json_t *cases;
	int status = EXIT_DONE, shown = 0;
	struct missing missing = { 0 };
	struct census *c;

	if (parse_pids(n_args, args, pids) < 0)
		return EXIT_USAGE;
	if (context_census(ctx, &c) < 0)
		return EXIT_NOT_DONE;
	context_seen_all(ctx);
	cases = json_array();
	for (int i = 0; i < n_args; i++) {
		struct signal_view v;
		struct details *d = &v.details;

		if (look(ctx, c, pids[i], &v) < 0) {
			status = EXIT_NOT_DONE;
			continue;
		}
		missing_add(&missing, d);
		details_read_cmdlines(c, &d, 1);
		if (!ctx->options.json && shown++)
			putchar('\n');
		if (ctx->options.json)
			json_array_append_new(cases, signals_json(c, &v, o->all));
		else
			print_text(ctx, &v, o->all);
		signal_view_done(&v);
	}
	missing_note(ctx, &missing);
	if (ctx->options.json)
		(void)json_print(json_top("signals", c, ctx->notes, ctx->n_notes,
					  json_pack("{s:o}", "cases", cases)),
				 stdout);
	else
		json_decref(cases);
	census_free(c);
	return status;
}

const struct command command_signals = {
	.name = "signals",
	.arguments = "PID...",
	.summary = "Decode signal masks, and tell what signals would do",
	.options = options,
	.own_size = sizeof(struct signals_options),
	.take_option = take_option,
	.run = run,
	.min_args = 1,
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.unscoped = true,
};
