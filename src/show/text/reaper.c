/* SPDX-License-Identifier: MIT */
/* coroner reaper as text: a case in words and two short tables, or one table of all reapers. */
#include <signal.h>

#include "case/heirs/reaper_answers.h"
#include "inspect/text/signals.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "words/heirs/heir.h"
#include "words/label.h"
#include "words/heirs/reaps.h"
#include "words/tokens.h"

#define MOST_CHILDREN 24 /* that a table for people lists; JSON has them all */

static void put_row(struct table *t, const struct terminal *terminal, const struct reaper_row *row)
{
	static const enum style styles[] = {
		[TRI_UNKNOWN] = STYLE_YELLOW, [TRI_NO] = STYLE_RED, [TRI_YES] = STYLE_GREEN
	};
	const struct details *d = &row->view.look.details;
	auto_free char *comm =
		text_printable(d->process.comm, strlen(d->process.comm), terminal->utf8);
	auto_free char *where =
		container_label(d->in_container ? &d->container : NULL, terminal->utf8);
	const struct reaps *reaps = &row->view.reaps;

	table_number(t, STYLE_PLAIN, (uint64_t)d->process.pid);
	table_cell(t, STYLE_PLAIN, comm);
	table_cellf(t, STYLE_PLAIN, "%s%s", heir_rule_name(row->kind), row->inferred ? "?" : "");
	if (details_has(d, WANT_PIDNS))
		table_cellf(t, STYLE_PLAIN, "%llu", (unsigned long long)d->pidns);
	else
		table_cell(t, STYLE_DIM, "?");
	table_cell(t, STYLE_PLAIN, where);
	table_number(t, STYLE_PLAIN, row->view.adopted);
	table_number(t, STYLE_PLAIN, row->view.zombies);
	table_cell(t, row->view.dying ? STYLE_RED : styles[reaps->answer],
		   row->view.dying ? "dying" : reaps_name(reaps->answer));
	if (reaps->answer != TRI_UNKNOWN)
		table_under(t, STYLE_DIM, reaps_why(reaps));
}

static void print_rows(const struct terminal *terminal, const struct reaper_answers *a)
{
	static const struct column columns[] = {
		{ "PID", true, 0 },	{ "COMMAND", false, 7 },   { "KIND", false, 0 },
		{ "PIDNS", true, 0 },	{ "CONTAINER", false, 9 }, { "ADOPTED", true, 0 },
		{ "ZOMBIES", true, 0 }, { "REAPS", false, 0 },
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < a->n_reapers; i++)
		put_row(t, terminal, &a->reapers[i]);
	table_print(t, stdout, terminal_width(terminal), true, terminal->color, terminal->utf8);
	table_free(t);
}

static void print_wrapped(const struct terminal *t, char *text)
{
	fputs("  ", stdout);
	text_wrap(stdout, text, 4, terminal_width(t) - 2);
	free(text);
}

static void print_heading(const struct terminal *t, const struct heir_case *k)
{
	auto_free char *line = heir_headline(t, k);

	fputs(style_on(STYLE_BOLD, t->color), stdout);
	text_wrap(stdout, line, 4, terminal_width(t));
	fputs(style_off(STYLE_BOLD, t->color), stdout);
}

static void put_child(struct table *t, const struct terminal *terminal, const struct process *child,
		      const struct fate *f)
{
	const int signal = f->pdeath_signal;
	auto_free char *comm = text_printable(child->comm, strlen(child->comm), terminal->utf8);
	char name[SIGNAL_NAME_SIZE];

	table_cellf(t, STYLE_PLAIN, "    %d", child->pid);
	table_cell(t, STYLE_PLAIN, comm);
	table_cellf(t, STYLE_PLAIN, "%c", child->state);
	table_cellf(t, f->fate == FATE_KILLED || f->fate == FATE_HUNG_UP ? STYLE_RED : STYLE_PLAIN,
		    "%s%s%s", child_fate_name(f->fate), f->exact ? "" : "?",
		    f->sighup && f->fate == FATE_ADOPTED ? ", gets SIGHUP" : "");
	/* to the dead it means nothing; a dead main thread is no dead process */
	if (child->state == 'Z' && child->threads <= 1)
		table_cell(t, STYLE_DIM, "-");
	else
		table_cell(t, signal > 0 ? STYLE_YELLOW : STYLE_DIM,
			   signal < 0  ? "?" :
			   signal == 0 ? "none" :
					 signal_name(signal, name));
}

static void print_children(const struct terminal *terminal, const struct heir_case *k)
{
	static const struct column columns[] = { { "    CHILD", false, 0 },
						 { "COMMAND", false, 7 },
						 { "S", false, 0 },
						 { "FATE", false, 0 },
						 { "PARENT-DEATH SIGNAL", false, 6 } };
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < k->n_children && i < MOST_CHILDREN; i++)
		put_child(t, terminal, k->children[i].process, &k->children[i].fate);
	if (k->n_children > 0)
		table_print(t, stdout, terminal_width(terminal), true, terminal->color,
			    terminal->utf8);
	if (k->n_children > MOST_CHILDREN) {
		auto_free char *more = heir_more_words(k->n_children - MOST_CHILDREN);

		printf("    %s\n", more);
	}
	table_free(t);
}

static uint64_t inode_of(const struct heirs *h, const struct process *p)
{
	return h->map.list[h->map.of[p - h->c->procs]].inode;
}

static const char *standing(const struct heirs *h, const struct heir_case *k, size_t i)
{
	const struct ancestor_evidence *a = &k->evidence[i];

	const enum tri init = pidns_is_init(&h->map, h->c, k->ancestors[i]);

	if (init != TRI_NO)
		return init == TRI_YES ? "init" : "init?";
	if (a->subreaper == TRI_UNKNOWN)
		return a->adopted ? "subreaper (inferred)" : "?";
	return a->subreaper == TRI_YES ? "subreaper" : "process";
}

static void print_ancestors(const struct terminal *terminal, const struct heirs *h,
			    const struct heir_case *k)
{
	static const struct column columns[] = { { "    ANCESTOR", false, 0 },
						 { "COMMAND", false, 7 },
						 { "ROLE", false, 0 },
						 { "PIDNS", true, 0 } };
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < k->n_ancestors; i++) {
		const struct process *p = k->ancestors[i];
		auto_free char *comm = text_printable(p->comm, strlen(p->comm), terminal->utf8);
		uint64_t inode = inode_of(h, p);

		table_cellf(t, STYLE_PLAIN, "    %d", p->pid);
		table_cell(t, STYLE_PLAIN, comm);
		table_cell(t, k->heir.pid == p->pid ? STYLE_GREEN : STYLE_PLAIN, standing(h, k, i));
		if (inode)
			table_cellf(t, STYLE_PLAIN, "%llu", (unsigned long long)inode);
		else
			table_cell(t, STYLE_DIM, "?");
	}
	if (k->n_ancestors > 0)
		table_print(t, stdout, terminal_width(terminal), true, terminal->color,
			    terminal->utf8);
	table_free(t);
}

static void print_case(const struct terminal *t, const struct heirs *h, const struct heir_case *k)
{
	auto_free char *text = heir_outcome(k), *rule = heir_why(&k->heir);

	print_heading(t, k);
	print_wrapped(t, xasprintf("Rule: %s: %s", heir_rule_name(k->heir.rule), rule));
	if (k->heir.rule == HEIR_NONE)
		print_wrapped(t, xasprintf("Then: %s", text));
	else
		print_wrapped(t, xasprintf("Reaps: %s: %s", reaps_name(heir_reaps(k)), text));
	print_wrapped(t, heir_fates(k));
	print_children(t, k);
	print_ancestors(t, h, k);
}

void reaper_text(const struct answer *a)
{
	const struct reaper_answers *answers = a->facts;

	for (size_t i = 0; i < answers->n_cases; i++) {
		if (i > 0)
			putchar('\n');
		print_case(a->terminal, &answers->heirs, &answers->cases[i]);
	}
	if (!answers->asked)
		print_rows(a->terminal, answers);
}
