/* SPDX-License-Identifier: MIT */
#include "cmd/reaper_case.h"

#include <signal.h>
#include <stdio.h>

#include "inspect/signals.h"
#include "render/json.h"
#include "render/label.h"
#include "render/table.h"
#include "render/text.h"

#define MOST_CHILDREN 24 /* that a table for people lists; JSON has them all */

static const char *certainty(const struct heir_case *k)
{
	return k->heir.exact ? "kernel" : "inferred";
}

/* Why the heir reaps or not; where there is none, what happens instead */
static char *why(const struct heir_case *k)
{
	if (k->view)
		return xstrdup(k->view->reaps.why);
	if (k->kills && k->n_killed == 0)
		return xstrdup("nothing else lives in it; its zombies are reaped");
	if (k->kills)
		return xasprintf("%zu other%s die%s with it, and its zombies are reaped",
				 k->n_killed, k->n_killed == 1 ? "" : "s",
				 k->n_killed == 1 ? "s" : "");
	return xstrdup(k->heir.rule == HEIR_NONE ? "nothing is left to inherit" :
		       k->heir_process		 ? "the heir has just ended" :
						   "the heir is not in sight");
}

static enum tri reaps(const struct heir_case *k)
{
	return k->view ? k->view->reaps.answer : TRI_UNKNOWN;
}

static json_t *heir_json(const struct heirs *h, struct heir_case *k)
{
	json_t *o = json_object(), *process = json_null();
	auto_free char *text = why(k);

	if (k->view) {
		struct details *d = &k->view->look.details;

		/* several cases share one heir */
		if (!d->has_cmdline)
			details_read_cmdlines(h->c, &d, 1);
		process = json_process(h->c, d);
	}
	json_object_set_new(o, "process", process);
	json_object_set_new(o, "rule", json_string(heir_rule_name(k->heir.rule)));
	json_object_set_new(o, "certainty", json_string(certainty(k)));
	json_object_set_new(o, "evidence", json_string(k->heir.evidence));
	json_object_set_new(o, "reaps", json_string(reaps_name(reaps(k))));
	json_object_set_new(o, "why", json_string(text));
	return o;
}

static json_t *children_json(const struct heirs *h, const struct heir_case *k)
{
	json_t *list = json_array();
	const struct process *child;

	for (child = census_first_child(h->c, k->process); child;
	     child = census_next_child(h->c, child)) {
		char name[SIGNAL_NAME_SIZE];
		int signal;
		enum child_fate fate = heir_case_fate(h, k, child, &signal);
		json_t *o = json_object(), *pdeath = json_null();

		if (signal >= 0)
			pdeath = json_string(signal ? signal_name(signal, name) : "none");
		json_object_set_new(o, "pid", json_integer(child->pid));
		json_object_set_new(o, "comm", json_text(child->comm));
		json_object_set_new(o, "zombie", json_boolean(child->state == 'Z'));
		json_object_set_new(o, "pdeath_signal", pdeath);
		json_object_set_new(o, "fate", json_string(child_fate_name(fate)));
		json_array_append_new(list, o);
	}
	return list;
}

static uint64_t inode_of(const struct heirs *h, const struct process *p)
{
	return h->map.list[h->map.of[p - h->c->procs]].inode;
}

static json_t *ancestors_json(const struct heirs *h, const struct heir_case *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->n_ancestors; i++) {
		const struct process *p = k->ancestors[i];
		uint64_t inode = inode_of(h, p);
		json_t *o = json_object();

		json_object_set_new(o, "pid", json_integer(p->pid));
		json_object_set_new(o, "comm", json_text(p->comm));
		json_object_set_new(o, "subreaper", json_tri(k->evidence[i].subreaper));
		json_object_set_new(o, "pidns", json_known(inode, (int64_t)inode));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *reaper_case_json(const struct heirs *h, struct heir_case *k)
{
	json_t *o = json_object();
	struct details *d = &k->details;

	details_read_cmdlines(h->c, &d, 1);
	json_object_set_new(o, "process", json_process(h->c, d));
	json_object_set_new(o, "heir", heir_json(h, k));
	json_object_set_new(o, "killed", json_known(k->kills, (int64_t)k->n_killed));
	json_object_set_new(o, "children", children_json(h, k));
	json_object_set_new(o, "ancestors", ancestors_json(h, k));
	return o;
}

static char *name_of(const struct context *ctx, const struct process *p)
{
	auto_free char *comm = text_printable(p->comm, strlen(p->comm), ctx->utf8);

	return xasprintf("%d (%s)", p->pid, comm);
}

static void print_wrapped(const struct context *ctx, char *text)
{
	fputs("  ", stdout);
	text_wrap(stdout, text, 4, cmd_width(ctx) - 2);
	free(text);
}

static void print_heading(const struct context *ctx, const struct heir_case *k)
{
	auto_free char *name = name_of(ctx, k->process);
	auto_free char *heir = k->heir_process ? name_of(ctx, k->heir_process) : NULL;
	auto_free char *line = NULL;

	if (k->heir.rule == HEIR_NONE)
		line = xasprintf("Nobody inherits from %s", name);
	else
		line = xasprintf("If %s ends, %s inherits%s", name,
				 heir ? heir : "the init of its PID namespace, out of sight,",
				 k->heir.exact ? "" : " (inferred)");
	fputs(style_on(STYLE_BOLD, ctx->color), stdout);
	text_wrap(stdout, line, 4, cmd_width(ctx));
	fputs(style_off(STYLE_BOLD, ctx->color), stdout);
}

/* How many children each fate has */
static void print_fates(const struct context *ctx, const struct heirs *h, const struct heir_case *k)
{
	static const char *const words[] = {
		[FATE_ADOPTED] = "adopted",
		[FATE_REANNOUNCED] = "dead already, announced anew to the heir",
		[FATE_VANISHES] = "dead already, gone at once",
		[FATE_KILLED] = "killed",
	};
	size_t count[ARRAY_SIZE(words)] = { 0 }, total = 0, len = 0;
	const struct process *child;
	char text[256] = "";
	int signal;

	for (child = census_first_child(h->c, k->process); child;
	     child = census_next_child(h->c, child), total++)
		count[heir_case_fate(h, k, child, &signal)]++;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (count[i])
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%zu %s",
						len ? ", " : ": ", count[i], words[i]);
	print_wrapped(ctx, xasprintf("Children: %zu%s", total, text));
}

static void put_child(struct table *t, const struct context *ctx, const struct process *child,
		      enum child_fate fate, int signal)
{
	auto_free char *comm = text_printable(child->comm, strlen(child->comm), ctx->utf8);
	char name[SIGNAL_NAME_SIZE];

	table_cellf(t, STYLE_PLAIN, "    %d", child->pid);
	table_cell(t, STYLE_PLAIN, comm);
	table_cellf(t, STYLE_PLAIN, "%c", child->state);
	table_cell(t, fate == FATE_KILLED ? STYLE_RED : STYLE_PLAIN, child_fate_name(fate));
	/* to the dead it means nothing; a dead main thread is no dead process */
	if (child->state == 'Z' && child->threads <= 1)
		table_cell(t, STYLE_DIM, "-");
	else
		table_cell(t, signal > 0 ? STYLE_YELLOW : STYLE_DIM,
			   signal < 0  ? "?" :
			   signal == 0 ? "none" :
					 signal_name(signal, name));
}

static void print_children(const struct context *ctx, const struct heirs *h,
			   const struct heir_case *k)
{
	static const struct column columns[] = { { "    CHILD", false, 0 },
						 { "COMMAND", false, 7 },
						 { "S", false, 0 },
						 { "FATE", false, 0 },
						 { "PARENT-DEATH SIGNAL", false, 6 } };
	struct table *t = table_new(columns, ARRAY_SIZE(columns));
	const struct process *child;
	size_t n = 0;

	for (child = census_first_child(h->c, k->process); child;
	     child = census_next_child(h->c, child)) {
		int signal;
		enum child_fate fate = heir_case_fate(h, k, child, &signal);

		if (n++ < MOST_CHILDREN)
			put_child(t, ctx, child, fate, signal);
	}
	if (n > 0)
		table_print(t, stdout, cmd_width(ctx), true, ctx->color, ctx->utf8);
	if (n > MOST_CHILDREN)
		printf("    ... and %zu more; --json lists them all\n", n - MOST_CHILDREN);
	table_free(t);
}

static const char *standing(const struct heirs *h, const struct heir_case *k, size_t i)
{
	const struct ancestor_evidence *a = &k->evidence[i];

	if (h->map.list[h->map.of[k->ancestors[i] - h->c->procs]].init == k->ancestors[i])
		return "init";
	if (a->subreaper == TRI_UNKNOWN)
		return a->adopted ? "subreaper (inferred)" : "?";
	return a->subreaper == TRI_YES ? "subreaper" : "process";
}

static void print_ancestors(const struct context *ctx, const struct heirs *h,
			    const struct heir_case *k)
{
	static const struct column columns[] = { { "    ANCESTOR", false, 0 },
						 { "COMMAND", false, 7 },
						 { "ROLE", false, 0 },
						 { "PIDNS", true, 0 } };
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < k->n_ancestors; i++) {
		const struct process *p = k->ancestors[i];
		auto_free char *comm = text_printable(p->comm, strlen(p->comm), ctx->utf8);
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
		table_print(t, stdout, cmd_width(ctx), true, ctx->color, ctx->utf8);
	table_free(t);
}

void reaper_case_print(const struct context *ctx, const struct heirs *h, const struct heir_case *k)
{
	auto_free char *text = why(k);

	print_heading(ctx, k);
	print_wrapped(ctx,
		      xasprintf("Rule: %s: %s", heir_rule_name(k->heir.rule), k->heir.evidence));
	if (k->heir.rule == HEIR_NONE)
		print_wrapped(ctx, xasprintf("Then: %s", text));
	else
		print_wrapped(ctx, xasprintf("Reaps: %s: %s", reaps_name(reaps(k)), text));
	print_fates(ctx, h, k);
	print_children(ctx, h, k);
	print_ancestors(ctx, h, k);
}
