/* SPDX-License-Identifier: MIT */
/* coroner orphans: the processes that a reaper adopted, and what shows it. */
#include <errno.h>
#include <stdio.h>

#include "base/duration.h"
#include "cmd/adoptions.h"
#include "cmd/cases.h"
#include "cmd/missing.h"
#include "cmd/scope.h"
#include "render/json.h"
#include "render/label.h"
#include "render/table.h"
#include "render/text.h"

struct orphan_row {
	const struct process *process; /* borrowed */
	const struct process *adopter;
	const struct adoption *adoption;
	struct details details;
};

struct orphan_rows {
	struct orphan_row *list; /* owned */
	size_t n, cap;
};

static const char *certainty(const struct orphan_row *row)
{
	return row->adoption->proven ? "proven" : "likely";
}

/* cgroup v1 moves the dead to the root: they belong where their adopter is */
static void place_zombie(const struct census *c, const struct orphan_row *row, struct details *ret)
{
	struct details d;

	if (row->process->state != 'Z' || ret->in_container ||
	    details_read(c, row->adopter, WANT_CGROUP, &d) < 0)
		return;
	ret->in_container = d.in_container;
	ret->container = d.container;
	d.container = (struct container){ 0 };
	details_done(&d);
}

static void collect(const struct census *c, const struct adoptions *adoptions,
		    const struct scope *scope, struct orphan_rows *ret, struct missing *missing)
{
	for (size_t i = 0; i < c->n; i++) {
		struct orphan_row row = { .process = &c->procs[i] };
		struct details *d = &row.details;

		row.adoption = adoption_of(adoptions, c, row.process);
		row.adopter = census_parent(c, row.process);
		if (row.adoption->adopted != TRI_YES || !row.adopter ||
		    (row.process->state == 'Z' && row.process->unsettled) ||
		    details_read(c, row.process, WANT_STATUS | WANT_PIDNS | WANT_CGROUP, d) < 0)
			continue;
		place_zombie(c, &row, d);
		if (!scope_has_process(scope, c, row.process, d) ||
		    !scope_has_container(scope, d)) {
			details_done(d);
			continue;
		}
		missing_add(missing, d);
		ARRAY_GROW(ret->list, ret->n, ret->cap);
		ret->list[ret->n++] = row;
	}
}

static void print_json(const struct context *ctx, const struct census *c, struct orphan_rows *rows)
{
	auto_free struct details **all = xcalloc(rows->n, sizeof(*all));
	json_t *body = json_object(), *list = json_array();

	for (size_t i = 0; i < rows->n; i++)
		all[i] = &rows->list[i].details;
	details_read_cmdlines(c, all, rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		const struct orphan_row *row = &rows->list[i];
		json_t *o = json_object();

		json_object_set_new(o, "process", json_process(c, &row->details));
		json_object_set_new(o, "adopted_by", json_integer(row->adopter->pid));
		json_object_set_new(o, "evidence", json_string(row->adoption->evidence));
		json_object_set_new(o, "certainty", json_string(certainty(row)));
		json_object_set_new(o, "sid", json_integer(row->process->sid));
		json_object_set_new(o, "pgrp", json_integer(row->process->pgrp));
		json_array_append_new(list, o);
	}
	json_object_set_new(body, "orphans", list);
	(void)json_print(json_top("orphans", c, ctx->notes, ctx->n_notes, body), stdout);
}

static void put_row(struct table *t, const struct context *ctx, const struct census *c,
		    const struct orphan_row *row)
{
	const struct process *p = row->process, *by = row->adopter;
	const struct details *d = &row->details;
	auto_free char *comm = text_printable(p->comm, strlen(p->comm), ctx->utf8);
	auto_free char *adopter = text_printable(by->comm, strlen(by->comm), ctx->utf8);
	auto_free char *where = container_label(d->in_container ? &d->container : NULL, ctx->utf8);
	char age[DURATION_TEXT_SIZE];

	table_number(t, STYLE_PLAIN, (uint64_t)p->pid);
	table_cellf(t, STYLE_PLAIN, "%c", p->state);
	table_cell(t, STYLE_PLAIN, comm);
	table_cell(t, STYLE_PLAIN, duration_format(cases_age_s(c, p), age));
	table_number(t, STYLE_PLAIN, (uint64_t)by->pid);
	table_cell(t, STYLE_PLAIN, adopter);
	table_cell(t, STYLE_PLAIN, where);
	table_cell(t, STYLE_PLAIN, row->adoption->evidence);
	table_cell(t, row->adoption->proven ? STYLE_GREEN : STYLE_YELLOW, certainty(row));
}

static void print_text(const struct context *ctx, const struct census *c,
		       const struct orphan_rows *rows)
{
	static const struct column columns[] = {
		{ "PID", true, 0 },	   { "S", false, 0 },	     { "COMMAND", false, 7 },
		{ "AGE", true, 0 },	   { "ADOPTER", true, 0 },   { "ITS COMMAND", false, 7 },
		{ "CONTAINER", false, 9 }, { "EVIDENCE", false, 0 }, { "CERTAINTY", false, 0 },
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < rows->n; i++)
		put_row(t, ctx, c, &rows->list[i]);
	if (rows->n > 0)
		table_print(t, stdout, cmd_width(ctx), true, ctx->color, ctx->utf8);
	table_free(t);
	if (rows->n == 0)
		printf("no process shows that it was adopted; %zu seen through %s\n", c->n,
		       c->source == CENSUS_BPF ? "BPF" : "procfs");
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	struct orphan_rows rows = { 0 };
	struct adoptions adoptions;
	struct scope scope;
	struct census *c;
	int status = EXIT_DONE;

	(void)own;
	(void)n_args;
	(void)args;
	if (scope_census(ctx, &c, &scope) < 0)
		return EXIT_NOT_DONE;
	adoptions_judge(c, &adoptions);
	collect(c, &adoptions, &scope, &rows, &adoptions.missing);
	missing_note(ctx, &adoptions.missing);
	if (rows.n == 0 && scope_complain_empty(&scope, scope_exists(&scope, c)) < 0)
		status = EXIT_NOT_DONE;
	else if (ctx->options.json)
		print_json(ctx, c, &rows);
	else
		print_text(ctx, c, &rows);
	for (size_t i = 0; i < rows.n; i++)
		details_done(&rows.list[i].details);
	free(rows.list);
	adoptions_done(&adoptions);
	census_free(c);
	return status;
}

const struct command command_orphans = {
	.name = "orphans",
	.summary = "Show who was adopted, and what shows it",
	.run = run,
	.usage_status = EXIT_USAGE,
};
