/* SPDX-License-Identifier: MIT */
#include "case/explain/explain_case.h"
#include "show/show.h"
#include "words/explain/explain.h"

void explain_text(const struct answer *a)
{
	const struct explanation *x = a->facts;

	for (size_t i = 0; i < x->n; i++) {
		struct story story;

		if (i > 0)
			fputc('\n', a->out);
		explain_tell(x->list[i], a->terminal, &story);
		story_print(&story, a->out);
		story_done(&story);
	}
}
