/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "base/memstream.h"
#include "case/signals/signal_answers.h"
#include "inspect/text/signals.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "words/signals.h"
#include "words/explain/subject.h"

#define MAX_FOOTNOTES 32
#define MANY 40 /* signals in a set that is better told by what it lacks */
#define LABEL 8 /* columns of "SigPnd  " */

/* The rules that the table has used, numbered as they came up */
struct footnotes {
	enum signal_why why[MAX_FOOTNOTES];
	size_t n;
};

static size_t footnote(struct footnotes *f, enum signal_why why)
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
	FILE *out = memstream_open(&text, &size);

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
	auto_free char *names = t->awaited ? set_text(t->awaited) : NULL;
	auto_free char *line = signal_awaited_words(t->tid, names);

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
	static const enum style styles[] = {
		[EFFECT_NOTHING] = STYLE_DIM,	 [EFFECT_DIES] = STYLE_RED,
		[EFFECT_STOPS] = STYLE_RED,	 [EFFECT_CONTINUES] = STYLE_GREEN,
		[EFFECT_HANDLED] = STYLE_GREEN,	 [EFFECT_TAKEN] = STYLE_GREEN,
		[EFFECT_PENDING] = STYLE_YELLOW, [EFFECT_TRACER] = STYLE_YELLOW,
		[EFFECT_UNKNOWN] = STYLE_YELLOW,
	};

	table_cellf(t, styles[o->effect], "%s%s [%zu]", signal_effect_brief(o->effect),
		    o->certain || o->effect == EFFECT_UNKNOWN ? "" : "?", footnote(notes, o->why));
}

static void print_effects(const struct terminal *term, const struct signal_answer *answer, bool all)
{
	static const struct column columns[] = { { "  SENT", false, 0 },
						 { "FROM ITS OWN PID NAMESPACE", false, 8 },
						 { "FROM AN ANCESTOR PID NAMESPACE", false, 8 } };
	/* nothing lies above the outermost namespace */
	bool above = answer->view.target.outermost != TRI_YES;
	struct table *t = table_new(columns, ARRAY_SIZE(columns) - !above);
	struct footnotes notes = { .n = 0 };
	char name[SIGNAL_NAME_SIZE];
	size_t width = terminal_width(term);
	bool chld_handled = false;

	for (size_t i = 0; i < answer->n_effects; i++) {
		const struct signal_effects *e = &answer->effects[i];

		/* an image's StopSignal may be a number */
		if (all)
			table_cellf(t, STYLE_BOLD, "  %2d %s", e->signal,
				    signal_name(e->signal, name));
		else
			table_cellf(t, STYLE_BOLD, "  %s", signal_name(e->signal, name));
		chld_handled |= e->signal == SIGCHLD && e->own.effect == EFFECT_HANDLED;
		put_outcome(t, &e->own, &notes);
		if (above)
			put_outcome(t, &e->ancestor, &notes);
	}
	table_print(t, stdout, width, true, term->color, term->utf8);
	table_free(t);
	for (size_t i = 0; i < notes.n; i++) {
		auto_free char *line = xasprintf("[%zu] %s", i + 1, signal_why(notes.why[i]));

		fputs("  ", stdout);
		text_hang(stdout, line, 2, 6, width);
	}
	if (chld_handled) {
		fputs("  ", stdout);
		text_hang(stdout, signal_handled_words(), 2, 4, width);
	}
}

/* What lets it run lets that through, too */
static void print_fatal_pending(int signal, size_t width)
{
	auto_free char *line = signal ? signal_fatal_words(signal) : NULL;

	if (!line)
		return;
	fputs("  ", stdout);
	text_hang(stdout, line, 2, 4, width);
}

static void print_answer(const struct terminal *term, const struct signal_answer *answer, bool all)
{
	const struct signal_view *v = &answer->view;
	size_t width = terminal_width(term);
	auto_free char *line =
		subject_line(term, &v->details, answer->has_owner ? &answer->owner : NULL);
	const char *hint = signals_hint(v);

	fputs(style_on(STYLE_BOLD, term->color), stdout);
	text_wrap(stdout, line, 4, width);
	fputs(style_off(STYLE_BOLD, term->color), stdout);
	print_masks(v, width);
	print_threads(v, width);
	print_fatal_pending(answer->fatal_pending, width);
	putchar('\n');
	print_effects(term, answer, all);
	if (hint) {
		fputs("  ", stdout);
		text_hang(stdout, hint, 2, 4, width);
	}
}

void signals_text(const struct answer *a)
{
	const struct signal_answers *answers = a->facts;

	for (size_t i = 0; i < answers->n; i++) {
		if (i > 0)
			putchar('\n');
		print_answer(a->terminal, &answers->list[i], answers->all);
	}
}
