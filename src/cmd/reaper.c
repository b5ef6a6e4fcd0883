/* SPDX-License-Identifier: MIT */
/* coroner reaper: who inherits the children of a process; without one, every reaper in sight. */
#include <errno.h>
#include <stdio.h>

#include "act/privilege.h"
#include "cmd/missing.h"
#include "cmd/probing.h"
#include "cmd/reaper_case.h"
#include "cmd/scope.h"
#include "render/json.h"
#include "render/label.h"
#include "render/table.h"
#include "render/text.h"

struct reaper_options {
	bool probe;
};

static const struct option_spec options[] = {
	{ 'p', "probe", NULL, "make orphans: their fate outranks inference" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct reaper_options *o = own;

	(void)id;
	(void)argument;
	(void)ret_error;
	o->probe = true;
	return 0;
}

/* One row of the list of reapers. */
struct reaper_row {
	enum heir_rule kind;
	bool inferred;
	struct reaper_view view;
};

struct reaper_rows {
	struct reaper_row *list; /* owned */
	size_t n, cap;
};

static bool is_in_scope(const struct scope *scope, const struct census *c, const struct process *p,
			const struct details *d)
{
	return scope_has_process(scope, c, p, d) && scope_has_container(scope, d);
}

static void collect(struct context *ctx, const struct heirs *h, const struct scope *scope,
		    struct reaper_rows *ret, struct missing *missing)
{
	for (size_t i = 0; i < h->c->n; i++) {
		const struct process *p = &h->c->procs[i];
		struct reaper_row row = { 0 };
		struct details *d = &row.view.look.details;

		row.kind = heirs_kind(h, p, &row.inferred);
		if (row.kind == HEIR_NONE ||
		    reaper_look(ctx, h->c, &h->adoptions, p, heirs_probed(h, p), &row.view) < 0)
			continue;
		pidns_conclude(&h->map, h->c, p, d);
		if (!is_in_scope(scope, h->c, p, d)) {
			reaper_view_done(&row.view);
			continue;
		}
		missing_add(missing, d);
		ARRAY_GROW(ret->list, ret->n, ret->cap);
		ret->list[ret->n++] = row;
	}
}

static json_t *row_json(const struct heirs *h, struct reaper_row *row)
{
	const struct reaper_view *v = &row->view;
	struct details *d = &row->view.look.details;
	json_t *o = json_object();

	details_read_cmdlines(h->c, &d, 1);
	json_object_set_new(o, "process", json_process(h->c, d));
	json_object_set_new(o, "kind", json_string(heir_rule_name(row->kind)));
	json_object_set_new(o, "certainty", json_string(row->inferred ? "inferred" : "kernel"));
	json_object_set_new(o, "adopted", json_integer((json_int_t)v->adopted));
	json_object_set_new(o, "zombies", json_integer((json_int_t)v->zombies));
	json_object_set_new(o, "reaps", json_string(reaps_name(v->reaps.answer)));
	json_object_set_new(o, "why", json_string(v->reaps.why));
	return o;
}

static void put_row(struct table *t, const struct context *ctx, const struct reaper_row *row)
{
	static const enum style styles[] = {
		[TRI_UNKNOWN] = STYLE_YELLOW, [TRI_NO] = STYLE_RED, [TRI_YES] = STYLE_GREEN
	};
	const struct details *d = &row->view.look.details;
	auto_free char *comm = text_printable(d->process.comm, strlen(d->process.comm), ctx->utf8);
	auto_free char *where = container_label(d->in_container ? &d->container : NULL, ctx->utf8);
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
		table_under(t, STYLE_DIM, reaps->why);
}

static void print_rows(const struct context *ctx, const struct reaper_rows *rows)
{
	static const struct column columns[] = {
		{ "PID", true, 0 },	{ "COMMAND", false, 7 },   { "KIND", false, 0 },
		{ "PIDNS", true, 0 },	{ "CONTAINER", false, 9 }, { "ADOPTED", true, 0 },
		{ "ZOMBIES", true, 0 }, { "REAPS", false, 0 },
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < rows->n; i++)
		put_row(t, ctx, &rows->list[i]);
	table_print(t, stdout, cmd_width(ctx), true, ctx->color, ctx->utf8);
	table_free(t);
}

static int list_reapers(struct context *ctx, const struct heirs *h, const struct scope *scope)
{
	struct reaper_rows rows = { 0 };
	struct missing missing = { 0 };
	json_t *list = json_array();
	int status = EXIT_DONE;

	collect(ctx, h, scope, &rows, &missing);
	if (!h->c->kernel)
		context_note(
			ctx,
			"subreapers that hold no child which shows that it was adopted cannot be told from /proc");
	missing_note(ctx, &missing);
	for (size_t i = 0; i < rows.n && ctx->options.json; i++)
		json_array_append_new(list, row_json(h, &rows.list[i]));
	if (rows.n == 0 && scope_complain_empty(scope, scope_exists(scope, h->c)) < 0)
		status = EXIT_NOT_DONE;
	else if (ctx->options.json)
		(void)json_print(json_top("reaper", h->c, ctx->notes, ctx->n_notes,
					  json_pack("{s:O}", "reapers", list)),
				 stdout);
	else
		print_rows(ctx, &rows);
	json_decref(list);
	for (size_t i = 0; i < rows.n; i++)
		reaper_view_done(&rows.list[i].view);
	free(rows.list);
	return status;
}

/* Complains; returns 0 or a negative errno */
static int look_at(struct context *ctx, struct heirs *h, const struct scope *scope, pid_t pid,
		   struct heir_case *ret)
{
	const struct process *p = census_find(h->c, pid);
	int r = p ? heirs_look(ctx, h, p, ret) : -ESRCH;

	if (!p) {
		complain("there is no process %d", pid);
	} else if (r < 0) {
		complain_lost(pid, r);
	} else if (!is_in_scope(scope, h->c, p, &ret->details)) {
		complain("process %d is not in that PID namespace or container", pid);
		heir_case_done(ret);
		r = -ESRCH;
	}
	return r;
}

static int answer(struct context *ctx, struct heirs *h, const struct scope *scope,
		  const pid_t *pids, int n)
{
	json_t *cases = json_array();
	struct missing missing = { 0 };
	int status = EXIT_DONE, shown = 0;

	for (int i = 0; i < n; i++) {
		struct heir_case k;

		if (look_at(ctx, h, scope, pids[i], &k) < 0) {
			status = EXIT_NOT_DONE;
			continue;
		}
		missing_add(&missing, &k.details);
		if (k.view)
			missing_add(&missing, &k.view->look.details);
		if (!ctx->options.json && shown++)
			putchar('\n');
		if (ctx->options.json)
			json_array_append_new(cases, reaper_case_json(h, &k));
		else
			reaper_case_print(ctx, h, &k);
		heir_case_done(&k);
	}
	missing_note(ctx, &missing);
	if (ctx->options.json)
		(void)json_print(json_top("reaper", h->c, ctx->notes, ctx->n_notes,
					  json_pack("{s:O}", "cases", cases)),
				 stdout);
	json_decref(cases);
	return status;
}

/* The PID namespaces of these processes or, without any, all in the scope */
static void mark_wanted(const struct heirs *h, const struct scope *scope, const pid_t *pids,
			int n_pids, bool *wanted)
{
	for (int i = 0; i < n_pids; i++) {
		const struct process *p = census_find(h->c, pids[i]);

		if (p)
			wanted[h->map.of[p - h->c->procs]] = true;
	}
	for (size_t i = 0; n_pids == 0 && i < h->map.n; i++) {
		const struct process *init = h->map.list[i].init;
		struct details d;

		if (!init || details_read(h->c, init, WANT_PIDNS | WANT_CGROUP, &d) < 0)
			continue;
		pidns_conclude(&h->map, h->c, init, &d);
		wanted[i] = is_in_scope(scope, h->c, init, &d);
		details_done(&d);
	}
}

static void probe(struct context *ctx, struct heirs *h, const struct scope *scope,
		  const pid_t *pids, int n_pids)
{
	auto_free bool *wanted = xcalloc(h->map.n, sizeof(*wanted));

	mark_wanted(h, scope, pids, n_pids, wanted);
	h->probed = probing_reapers(ctx, &h->map, wanted, &h->n_probed);
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	const struct reaper_options *o = own;
	auto_free pid_t *pids = xcalloc((size_t)n_args + 1, sizeof(*pids));
	struct scope scope;
	struct heirs heirs;
	struct census *c;
	int status;

	if (parse_pids(n_args, args, pids) < 0)
		return EXIT_USAGE;
	if (scope_census(ctx, &c, &scope) < 0)
		return EXIT_NOT_DONE;
	heirs_prepare(c, &heirs);
	if (o->probe)
		probe(ctx, &heirs, &scope, pids, n_args);
	if (n_args > 0)
		status = answer(ctx, &heirs, &scope, pids, n_args);
	else
		status = list_reapers(ctx, &heirs, &scope);
	heirs_done(&heirs);
	census_free(c);
	return status;
}

const struct command command_reaper = {
	.name = "reaper",
	.arguments = "[PID...]",
	.summary = "Show who inherits a process's children, or all reapers",
	.options = options,
	.own_size = sizeof(struct reaper_options),
	.take_option = take_option,
	.run = run,
	.max_args = -1,
	.capabilities = PRIVILEGE_ENTER,
	.usage_status = EXIT_USAGE,
};
