/* SPDX-License-Identifier: MIT */
#include "case/heirs/namespaces.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "words/label.h"
#include "words/heirs/namespaces.h"
#include "words/tokens.h"

static void put_init(struct table *t, bool utf8, const struct namespace_row *row)
{
	const struct details *d = &row->init.look.details;
	auto_free char *comm = NULL, *where = NULL;

	if (!row->has_init) {
		table_cell(t, STYLE_DIM, "?");
		table_cell(t, STYLE_DIM, "?");
		table_cell(t, STYLE_DIM, "?");
		return;
	}
	comm = text_printable(d->process.comm, strlen(d->process.comm), utf8);
	where = container_label(d->in_container ? &d->container : NULL, utf8);
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

static void put_reaps(struct table *t, const struct namespace_row *row)
{
	static const enum style styles[] = {
		[TRI_UNKNOWN] = STYLE_YELLOW, [TRI_NO] = STYLE_RED, [TRI_YES] = STYLE_GREEN
	};
	enum tri answer = namespace_reaps(row);
	bool dying = namespace_is_dying(row);

	table_cell(t, dying ? STYLE_RED : styles[answer], dying ? "dying" : reaps_name(answer));
	if (answer != TRI_UNKNOWN || !row->has_init || dying)
		table_under(t, STYLE_DIM, namespace_why(row));
}

void namespaces_text(const struct answer *a)
{
	static const struct column columns[] = {
		{ "PIDNS", true, 0 },	 { "DEPTH", true, 0 },	    { "INIT", true, 0 },
		{ "COMMAND", false, 7 }, { "CONTAINER", false, 9 }, { "PROCS", true, 0 },
		{ "THREADS", true, 0 },	 { "ZOMBIES", true, 0 },    { "ORPHANS", true, 0 },
		{ "REAPS", false, 0 },
	};
	const struct namespaces *all = a->facts;
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < all->n; i++) {
		const struct namespace_row *row = &all->list[i];

		put_number(t, row->ns->inode, row->ns->inode);
		put_number(t, row->ns->depth >= 0, (uint64_t)row->ns->depth);
		put_init(t, a->terminal->utf8, row);
		put_number(t, true, row->ns->processes);
		put_number(t, true, row->ns->threads);
		put_number(t, true, row->ns->zombies);
		table_cellf(t, STYLE_PLAIN, "%s%zu", all->census->kernel ? "" : ">=", row->orphans);
		put_reaps(t, row);
	}
	table_print(t, stdout, terminal_width(a->terminal), true, a->terminal->color,
		    a->terminal->utf8);
	table_free(t);
}
