/* SPDX-License-Identifier: MIT */
/* coroner namespaces: every PID namespace in sight, and whether its init reaps. */
#include <inttypes.h>
#include <stdio.h>

#include "act/privilege.h"
#include "base/file.h"
#include "cmd/missing.h"
#include "cmd/probing.h"
#include "cmd/reapers.h"
#include "cmd/scope.h"
#include "inspect/pidns.h"
#include "limits/kernel.h"
#include "render/json.h"
#include "render/label.h"
#include "render/table.h"
#include "render/text.h"

struct namespaces_options {
	bool probe;
};

static const struct option_spec options[] = {
	{ 'p', "probe", NULL, "make an orphan in each: its fate outranks inference" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct namespaces_options *o = own;

	(void)id;
	(void)argument;
	(void)ret_error;
	o->probe = true;
	return 0;
}

/* One namespace with all that is printed of it. */
struct namespace_row {
	const struct pidns *ns;
	size_t orphans;
	bool has_init;
	struct reaper_view init; /* valid when has_init */
	uint64_t pid_max;	 /* 0: not known */
};

struct namespace_rows {
	struct namespace_row *list; /* owned */
	size_t n;
};

/* kernel.pid_max belongs to each PID namespace since Linux 6.14 (kernel/pid.c), to all before */
static uint64_t pid_max_of(const struct context *ctx, const struct census *c,
			   const struct pidns *ns)
{
	const struct census_pidns *told = census_pidns_find(c, ns->inode);
	uint64_t value;

	if (told && told->pid_max)
		return told->pid_max;
	if (pid_max_is_per_namespace() && !(ns->depth == 0 && ctx->own_proc))
		return 0;
	return file_read_u64_at(ctx->procfd, "sys/kernel/pid_max", &value) == 0 ? value : 0;
}

static bool is_wanted(const struct scope *scope, const struct pidns *ns,
		      const struct namespace_row *row)
{
	if (scope->by_pidns && ns->inode != scope->pidns)
		return false;
	return !scope->container ||
	       (row->has_init && scope_has_container(scope, &row->init.look.details));
}

static void collect(struct context *ctx, const struct census *c, const struct pidns_map *map,
		    const struct adoptions *adoptions, const struct scope *scope,
		    struct namespace_rows *ret)
{
	ret->list = xcalloc(map->n, sizeof(*ret->list));
	for (size_t i = 0; i < map->n; i++) {
		const struct pidns *ns = &map->list[i];
		struct namespace_row row = { .ns = ns, .pid_max = pid_max_of(ctx, c, ns) };

		row.has_init = ns->init && reaper_look(ctx, c, adoptions, ns->init, TRI_UNKNOWN,
						       &row.init) == 0;
		if (row.has_init)
			pidns_conclude(map, c, ns->init, &row.init.look.details);
		if (!is_wanted(scope, ns, &row)) {
			reaper_view_done(&row.init);
			continue;
		}
		for (size_t k = 0; k < c->n; k++)
			row.orphans += map->of[k] == i && adoptions->of[k].adopted == TRI_YES;
		ret->list[ret->n++] = row;
	}
}

/* The experiment's answer is the init's only where the init was who adopted */
static void take_probe(struct context *ctx, struct namespace_row *row, const struct probing *p)
{
	struct reaps_evidence e = { .probe = tri_of(p->result.reaped) };

	if (p->error < 0)
		return;
	if (p->result.adopter == row->ns->init->pid)
		row->init.reaps = reaps_judge(&e);
	else
		context_note(
			ctx,
			"an orphan made where coroner stands is adopted by %d, not by init %d, and %s",
			p->result.adopter, row->ns->init->pid,
			p->result.reaped ? "reaped" : "not reaped");
}

static void probe_all(struct context *ctx, struct namespace_rows *rows)
{
	auto_free struct probing *list = xcalloc(rows->n, sizeof(*list));
	auto_free size_t *of = xcalloc(rows->n, sizeof(*of));
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		if (!rows->list[i].has_init)
			continue;
		of[n] = i;
		list[n++].in = rows->list[i].ns->init;
	}
	probing_run(ctx, list, n);
	for (size_t i = 0; i < n; i++)
		take_probe(ctx, &rows->list[of[i]], &list[i]);
}

static bool is_dying(const struct namespace_row *row)
{
	return row->has_init && row->init.dying;
}

static const char *why(const struct namespace_row *row)
{
	if (is_dying(row))
		return row->ns->processes > 1 ?
			       "its init is dying and waits until all others in it are reaped" :
			       "its init is dying";
	return row->has_init ? row->init.reaps.why : "its init is not in sight";
}

static enum tri reaps(const struct namespace_row *row)
{
	return row->has_init ? row->init.reaps.answer : TRI_UNKNOWN;
}

/* A number less there for each look from inside: nothing that a list should take */
static void note_pid_max(struct context *ctx, const struct namespace_rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += rows->list[i].pid_max == 0;
	if (n)
		context_note(
			ctx,
			"pid_max of %zu PID namespace%s not read: it takes BPF (CAP_BPF and CAP_PERFMON), or coroner headroom, which enters them",
			n, n == 1 ? "" : "s");
}

static void print_json(const struct context *ctx, const struct census *c,
		       struct namespace_rows *rows)
{
	json_t *body = json_object(), *list = json_array();

	for (size_t i = 0; i < rows->n; i++) {
		struct namespace_row *row = &rows->list[i];
		const struct pidns *ns = row->ns;
		json_t *o = json_object(), *init = json_null();
		struct details *d = &row->init.look.details;

		if (row->has_init) {
			details_read_cmdlines(c, &d, 1);
			init = json_process(c, d);
		}
		json_object_set_new(o, "inode", json_known(ns->inode, (int64_t)ns->inode));
		json_object_set_new(o, "depth", json_known(ns->depth >= 0, ns->depth));
		json_object_set_new(o, "container",
				    json_incref(row->has_init ? json_object_get(init, "container") :
								init));
		json_object_set_new(o, "init", init);
		json_object_set_new(o, "processes", json_integer((json_int_t)ns->processes));
		json_object_set_new(o, "threads", json_integer((json_int_t)ns->threads));
		json_object_set_new(o, "zombies", json_integer((json_int_t)ns->zombies));
		json_object_set_new(o, "orphans", json_integer((json_int_t)row->orphans));
		json_object_set_new(o, "orphans_exact", json_boolean(c->kernel != NULL));
		json_object_set_new(o, "nested", json_integer((json_int_t)ns->nested));
		json_object_set_new(o, "pid_max", json_known(row->pid_max, (int64_t)row->pid_max));
		json_object_set_new(o, "dying", json_boolean(is_dying(row)));
		json_object_set_new(o, "reaps", json_string(reaps_name(reaps(row))));
		json_object_set_new(o, "why", json_string(why(row)));
		json_array_append_new(list, o);
	}
	json_object_set_new(body, "namespaces", list);
	(void)json_print(json_top("namespaces", c, ctx->notes, ctx->n_notes, body), stdout);
}

static void put_init(struct table *t, const struct context *ctx, const struct namespace_row *row)
{
	const struct details *d = &row->init.look.details;
	auto_free char *comm = NULL, *where = NULL;

	if (!row->has_init) {
		table_cell(t, STYLE_DIM, "?");
		table_cell(t, STYLE_DIM, "?");
		table_cell(t, STYLE_DIM, "?");
		return;
	}
	comm = text_printable(d->process.comm, strlen(d->process.comm), ctx->utf8);
	where = container_label(d->in_container ? &d->container : NULL, ctx->utf8);
	table_number(t, STYLE_PLAIN, (uint64_t)d->process.pid);
	table_cell(t, STYLE_PLAIN, comm);
	table_cell(t, STYLE_PLAIN, where);
}

static void put_number(struct table *t, bool known, uint64_t n)
{
	if (known)
		table_number(t, STYLE_PLAIN, n);
	else
		table_cell(t, STYLE_DIM, "?");
}

static void print_text(const struct context *ctx, const struct census *c,
		       const struct namespace_rows *rows)
{
	static const struct column columns[] = {
		{ "PIDNS", true, 0 },	 { "DEPTH", true, 0 },	    { "INIT", true, 0 },
		{ "COMMAND", false, 7 }, { "CONTAINER", false, 9 }, { "PROCS", true, 0 },
		{ "THREADS", true, 0 },	 { "ZOMBIES", true, 0 },    { "ORPHANS", true, 0 },
		{ "REAPS", false, 0 },
	};
	static const enum style styles[] = {
		[TRI_UNKNOWN] = STYLE_YELLOW, [TRI_NO] = STYLE_RED, [TRI_YES] = STYLE_GREEN
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < rows->n; i++) {
		const struct namespace_row *row = &rows->list[i];
		enum tri answer = reaps(row);

		put_number(t, row->ns->inode, row->ns->inode);
		put_number(t, row->ns->depth >= 0, (uint64_t)row->ns->depth);
		put_init(t, ctx, row);
		put_number(t, true, row->ns->processes);
		put_number(t, true, row->ns->threads);
		put_number(t, true, row->ns->zombies);
		table_cellf(t, STYLE_PLAIN, "%s%zu", c->kernel ? "" : ">=", row->orphans);
		table_cell(t, is_dying(row) ? STYLE_RED : styles[answer],
			   is_dying(row) ? "dying" : reaps_name(answer));
		if (answer != TRI_UNKNOWN || !row->has_init || is_dying(row))
			table_under(t, STYLE_DIM, why(row));
	}
	table_print(t, stdout, cmd_width(ctx), true, ctx->color, ctx->utf8);
	table_free(t);
}

/* Of the members whose namespace is not known, and of the inits that may reap or not */
static void note_missing(struct context *ctx, const struct census *c, const struct pidns_map *map,
			 const struct namespace_rows *rows)
{
	struct missing missing = { 0 };

	for (size_t i = 0; i < rows->n; i++) {
		const struct namespace_row *row = &rows->list[i];

		missing_add_pidns(&missing, c, map, (size_t)(row->ns - map->list));
		if (row->has_init && reaps(row) == TRI_UNKNOWN)
			missing_add(&missing, &row->init.look.details);
	}
	missing_note(ctx, &missing);
}

static int compare_depth(const void *a, const void *b)
{
	const struct namespace_row *x = a, *y = b;

	return (x->ns->depth > y->ns->depth) - (x->ns->depth < y->ns->depth);
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	const struct namespaces_options *o = own;
	struct namespace_rows rows = { 0 };
	struct adoptions adoptions;
	struct pidns_map map;
	struct scope scope;
	struct census *c;
	int status = EXIT_DONE;

	(void)n_args;
	(void)args;
	if (scope_census(ctx, &c, &scope) < 0)
		return EXIT_NOT_DONE;
	pidns_map(c, NULL, &map);
	adoptions_judge(c, &adoptions);
	collect(ctx, c, &map, &adoptions, &scope, &rows);
	qsort(rows.list, rows.n, sizeof(*rows.list), compare_depth);
	note_missing(ctx, c, &map, &rows);
	if (o->probe)
		probe_all(ctx, &rows);
	if (rows.n == 0 && scope_complain_empty(&scope, false) < 0) {
		status = EXIT_NOT_DONE;
	} else if (ctx->options.json) {
		note_pid_max(ctx, &rows); /* the table has no column for it */
		print_json(ctx, c, &rows);
	} else {
		print_text(ctx, c, &rows);
	}
	for (size_t i = 0; i < rows.n; i++)
		reaper_view_done(&rows.list[i].init);
	free(rows.list);
	adoptions_done(&adoptions);
	pidns_map_done(&map);
	census_free(c);
	return status;
}

const struct command command_namespaces = {
	.name = "namespaces",
	.summary = "Show every PID namespace, and whether its init reaps",
	.options = options,
	.own_size = sizeof(struct namespaces_options),
	.take_option = take_option,
	.run = run,
	.capabilities = PRIVILEGE_ENTER,
	.usage_status = EXIT_USAGE,
};
