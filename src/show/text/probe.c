/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "case/acts/experiment.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "words/acts/probe_words.h"

static void print_text(const struct terminal *t, uint64_t timeout_ms, const struct probe_result *r)
{
	enum style style = r->reaps == TRI_YES ? STYLE_GREEN :
			   r->reaps == TRI_NO  ? STYLE_RED :
						 STYLE_YELLOW;
	auto_free char *comm = text_printable(r->adopter_comm, strlen(r->adopter_comm), t->utf8);
	auto_free char *adopter = probe_adopter_words(r, comm);
	auto_free char *fate = probe_fate_words(r, timeout_ms);

	printf("%s, which %s%s%s\n", adopter, style_on(style, t->color), fate,
	       style_off(style, t->color));
	if (r->left_behind) {
		auto_free char *left = probe_left_words(r->left_behind);

		puts(left);
	}
}

/* What did not come to its end is told as a problem */
void probe_text(const struct answer *a)
{
	const struct experiment *e = a->facts;

	if (e->came_to_an_end)
		print_text(a->terminal, e->timeout_ms, &e->result);
}
