/* SPDX-License-Identifier: MIT */
#include "cmd/headroom_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "limits/kernel.h"
#include "render/table.h"
#include "render/text.h"

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

/* Why it is not MAX - 1 - USED: Linux kernel/pid.c:alloc_pid() does not go back below RESERVED_PIDS */
static void put_lost(struct table *t, const struct limit *l)
{
	uint64_t inside = l->current - l->numbers.used_high, lost;
	auto_free char *line = NULL;

	if (l->kind != LIMIT_PID_MAX || !l->has_headroom || !l->exact || l->exhausted ||
	    l->max <= inside + l->headroom + 1)
		return;
	lost = l->max - 1 - inside - l->headroom;
	line = xasprintf("%" PRIu64 " more %s free below %d, where the kernel does not look again",
			 lost, lost == 1 ? "is" : "are", RESERVED_PIDS);
	table_under(t, STYLE_DIM, line);
}

static void put_limit(struct table *t, const struct headroom_report *r, const struct limit *l,
		      bool binds)
{
	auto_free char *name = text_printable(l->name, strlen(l->name), r->ctx->utf8);

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
	put_lost(t, l);
	if (l->owner) {
		auto_free char *owner = text_printable(l->owner, strlen(l->owner), r->ctx->utf8);

		table_under(t, STYLE_DIM, owner);
	}
}

static void print_table(const struct headroom_report *r, struct table *t)
{
	/* on a pipe the paths of cgroups are for programs too: whole */
	table_print(t, stdout, r->ctx->width, true, r->ctx->color, r->ctx->utf8);
	table_free(t);
}

void headroom_print_process(const struct headroom_report *r, const struct limit_case *c)
{
	auto_free char *comm =
		text_printable(c->process->comm, strlen(c->process->comm), r->ctx->utf8);
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < c->n; i++)
		put_limit(t, r, &c->limits[i], (long)i == c->answer.binding);
	printf("%d %s: ", c->process->pid, comm);
	if (!c->answer.has_total)
		puts("no limit in sight is known\n");
	else
		printf("%s%" PRIu64 " more task%s, then %s refuses the fork\n\n",
		       c->answer.unknown ? "at most " : "", c->answer.total,
		       c->answer.total == 1 ? " fits" : "s fit",
		       c->limits[c->answer.binding].kind == LIMIT_CGROUP ?
			       "pids.max" :
			       limit_kind_name(c->limits[c->answer.binding].kind));
	print_table(r, t);
}

/* A PID namespace around coroner's own is no case of its own: only here it is seen to bind */
static bool is_listed(const struct headroom_report *r, const struct limit *l)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->cases[i].n > 0 && r->cases[i].limits[0].kind == l->kind &&
		    streq(r->cases[i].limits[0].name, l->name))
			return true;
	return false;
}

/* Each case is one line: its own limit, and the one above it that binds it where that does */
void headroom_print_all(const struct headroom_report *r)
{
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < r->n; i++) {
		const struct limit_case *c = &r->cases[i];
		const struct limit *binds = c->answer.binding > 0 ? &c->limits[c->answer.binding] :
								    NULL;

		if (c->n > 0)
			put_limit(t, r, &c->limits[0], false);
		/* that a namespace's numbers are bound by those around it goes without saying */
		if (binds && (binds->kind != LIMIT_PID_MAX || !is_listed(r, binds))) {
			auto_free char *name =
				text_printable(binds->name, strlen(binds->name), r->ctx->utf8);
			auto_free char *under = xasprintf("%s %" PRIu64 " fit: bound by %s",
							  c->answer.unknown ? "at most" : "only",
							  c->answer.total, name);

			table_under(t, STYLE_DIM, under);
		}
	}
	print_table(r, t);
}
