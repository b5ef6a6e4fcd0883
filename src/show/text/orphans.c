/* SPDX-License-Identifier: MIT */
#include "base/duration.h"
#include "case/heirs/orphans.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "words/label.h"
#include "words/source.h"
#include "words/tokens.h"

static void put_row(struct table *t, bool utf8, const struct orphan *o)
{
	const struct process *p = o->process, *by = o->adopter;
	const struct details *d = &o->details;
	auto_free char *comm = text_printable(p->comm, strlen(p->comm), utf8);
	auto_free char *adopter = text_printable(by->comm, strlen(by->comm), utf8);
	auto_free char *where = container_label(d->in_container ? &d->container : NULL, utf8);
	char age[DURATION_TEXT_SIZE];

	table_number(t, STYLE_PLAIN, (uint64_t)p->pid);
	table_cellf(t, STYLE_PLAIN, "%c", p->state);
	table_cell(t, STYLE_PLAIN, comm);
	table_cell(t, STYLE_PLAIN, duration_format(o->age_s, age));
	table_number(t, STYLE_PLAIN, (uint64_t)by->pid);
	table_cell(t, STYLE_PLAIN, adopter);
	table_cell(t, STYLE_PLAIN, where);
	table_cell(t, STYLE_PLAIN, adoption_sign_token(o->adoption->sign));
	table_cell(t, o->adoption->proven ? STYLE_GREEN : STYLE_YELLOW,
		   adoption_certainty(o->adoption));
}

void orphans_text(const struct answer *a)
{
	static const struct column columns[] = {
		{ "PID", true, 0 },	   { "S", false, 0 },	     { "COMMAND", false, 7 },
		{ "AGE", true, 0 },	   { "ADOPTER", true, 0 },   { "ITS COMMAND", false, 7 },
		{ "CONTAINER", false, 9 }, { "EVIDENCE", false, 0 }, { "CERTAINTY", false, 0 },
	};
	const struct orphans *orphans = a->facts;
	struct table *t = table_new(columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < orphans->n; i++)
		put_row(t, a->terminal->utf8, &orphans->list[i]);
	if (orphans->n > 0)
		table_print(t, stdout, terminal_width(a->terminal), true, a->terminal->color,
			    a->terminal->utf8);
	table_free(t);
	if (orphans->n == 0) {
		auto_free char *none = none_adopted_words(orphans->census);

		puts(none);
	}
}
