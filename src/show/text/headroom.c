/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "case/forks/headrooms.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "words/forks/limit_words.h"

#define BAR 10 /* characters of the bar that shows a share */

static const struct column columns[] = {
	{ "LIMIT", false, 0 }, { "LEFT", true, 0 },    { "USED", true, 0 },    { "MAX", true, 0 },
	{ "SHARE", false, 0 }, { "ZOMBIES", true, 0 }, { "REFUSED", true, 0 }, { "OF", false, 12 },
};

static enum style tightness(const struct limit *l)
{
	double percent = limit_usage(l);

	if (!l->applies || percent < 0)
		return STYLE_PLAIN;
	if (percent >= 90)
		return STYLE_RED;
	return percent >= 75 ? STYLE_YELLOW : STYLE_GREEN;
}

/* "zz####....": the zombies' share, what else is in use, what is free */
static void put_bar(struct table *t, const struct limit *l)
{
	double percent = limit_usage(l), of_zombies = 0;
	char bar[BAR + 1];
	int used, zombies;

	if (percent < 0) {
		table_cell(t, STYLE_DIM, l->has_max && l->max == LIMIT_UNLIMITED ? "-" : "?");
		return;
	}
	if (l->has_zombies && l->has_current && l->current > 0)
		of_zombies = percent * (double)l->zombies / (double)l->current;
	used = (int)(percent * BAR / 100 + 0.5);
	zombies = (int)(of_zombies * BAR / 100 + 0.5);
	used = used > BAR ? BAR : used;
	zombies = zombies > used ? used : zombies;
	memset(bar, '.', BAR);
	memset(bar, '#', (size_t)used);
	memset(bar, 'z', (size_t)zombies);
	bar[BAR] = '\0';
	table_cellf(t, tightness(l), "%s", bar);
}

static void put_number(struct table *t, enum style style, bool known, uint64_t n)
{
	if (known)
		table_number(t, style, n);
	else
		table_cell(t, STYLE_DIM, "?");
}

static void put_left(struct table *t, const struct limit *l)
{
	if (l->has_max && l->max == LIMIT_UNLIMITED)
		table_cell(t, STYLE_DIM, "-");
	else if (l->has_headroom)
		table_cellf(t, tightness(l), "%s%" PRIu64, l->exact ? "" : "<=", l->headroom);
	else
		table_cell(t, STYLE_DIM, "?");
}

static void put_line(struct table *t, enum style style, char *line)
{
	if (line)
		table_under(t, style, line);
	free(line);
}

static void put_limit(struct table *t, bool utf8, const struct limit *l, bool binds)
{
	auto_free char *name = text_printable(l->name, strlen(l->name), utf8);
	auto_free char *owner = limit_owner_words(l);

	table_cellf(t, binds ? STYLE_BOLD : STYLE_PLAIN, "%s%s",
		    l->kind == LIMIT_CGROUP ? "pids.max" : limit_kind_name(l->kind),
		    binds ? " *" : "");
	put_left(t, l);
	put_number(t, STYLE_PLAIN, l->has_current, l->current);
	if (l->has_max && l->max == LIMIT_UNLIMITED)
		table_cell(t, STYLE_DIM, "max");
	else
		put_number(t, STYLE_PLAIN, l->has_max, l->max);
	put_bar(t, l);
	put_number(t, STYLE_PLAIN, l->has_zombies, l->zombies);
	if (l->kind == LIMIT_CGROUP)
		put_number(t, l->refused ? STYLE_RED : STYLE_PLAIN, l->has_refused, l->refused);
	else
		table_cell(t, STYLE_DIM, "-");
	table_cell(t, STYLE_PLAIN, name);
	put_line(t, STYLE_DIM, limit_lost_words(l));
	put_line(t, STYLE_DIM, limit_refused_words(l));
	if (l->dead)
		table_under(t, STYLE_RED, limit_dead_words());
	if (owner) {
		auto_free char *printable = text_printable(owner, strlen(owner), utf8);

		table_under(t, STYLE_DIM, printable);
	}
}

static void print_table(const struct terminal *terminal, struct table *t)
{
	/* on a pipe the paths of cgroups are for programs too: whole */
	table_print(t, stdout, terminal->width, true, terminal->color, terminal->utf8);
	table_free(t);
}

static void print_holders(bool utf8, const struct limit_case *c)
{
	auto_free char *words = NULL;
	const struct limit *l;

	if (!c->holders || c->holders->n == 0)
		return;
	l = &c->limits[c->answer.binding];
	words = limit_words(l, utf8);
	printf("\nheld of %s:\n", words);
	for (size_t i = 0; i < c->holders->n; i++) {
		auto_free char *holder = limit_holder_words(&c->holders->list[i], l->name, utf8);

		printf("  %s\n", holder);
	}
	if (c->holders->rest)
		printf("  and %" PRIu64 " more\n", c->holders->rest);
}

/* One process with all its limits */
static void print_process(const struct terminal *terminal, const struct limit_case *c)
{
	bool utf8 = terminal->utf8;
	auto_free char *comm = text_printable(c->process->comm, strlen(c->process->comm), utf8);
	auto_free char *answer = limit_answer_words(c);
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < c->n; i++)
		put_limit(t, utf8, &c->limits[i], (long)i == c->answer.binding);
	printf("%d %s: ", c->process->pid, comm);
	printf("%s\n\n", answer);
	print_table(terminal, t);
	print_holders(utf8, c);
}

/* A PID namespace around coroner's own is no case of its own: only here it is seen to bind */
static bool is_listed(const struct headrooms *h, const struct limit *l)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->cases[i].n > 0 && h->cases[i].limits[0].kind == l->kind &&
		    streq(h->cases[i].limits[0].name, l->name))
			return true;
	return false;
}

/* Each case is one line: its own limit, and the one above it that binds it where that does */
static void print_all(const struct terminal *terminal, const struct headrooms *h)
{
	struct table *t = table_new(columns, ARRAY_SIZE(columns));
	bool utf8 = terminal->utf8;

	for (size_t i = 0; i < h->n; i++) {
		const struct limit_case *c = &h->cases[i];
		const struct limit *binds = c->answer.binding > 0 ? &c->limits[c->answer.binding] :
								    NULL;

		if (c->n > 0)
			put_limit(t, utf8, &c->limits[0], false);
		/* that a namespace's numbers are bound by those around it goes without saying */
		if (binds && (binds->kind != LIMIT_PID_MAX || !is_listed(h, binds))) {
			auto_free char *name =
				text_printable(binds->name, strlen(binds->name), utf8);
			auto_free char *under = xasprintf("%s %" PRIu64 " fit: bound by %s",
							  c->answer.unknown ? "at most" : "only",
							  c->answer.total, name);

			table_under(t, STYLE_DIM, under);
		}
	}
	print_table(terminal, t);
}

void headroom_text(const struct answer *a)
{
	const struct headrooms *h = a->facts;

	if (!h->named)
		print_all(a->terminal, h);
	for (size_t i = 0; h->named && i < h->n; i++) {
		fputs(i ? "\n" : "", stdout);
		print_process(a->terminal, &h->cases[i]);
	}
}
