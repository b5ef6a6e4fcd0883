/* SPDX-License-Identifier: MIT */
/* The Test Anything Protocol, version 13: a metric that alerts is not ok. */
#include "show/show.h"
#include "words/forks/check.h"

static void print_metric(const struct check_metric *m, size_t number, FILE *out)
{
	char value[CHECK_VALUE_SIZE];

	fprintf(out, "%sok %zu - %s %s%s", m->state == CHECK_OK ? "" : "not ", number, m->name,
		check_value(m, value), streq(m->unit, "c") || !m->has_value ? "" : m->unit);
	if (m->state != CHECK_OK)
		fprintf(out, " %s", check_state_name(m->state));
	if (m->warning)
		fprintf(out, " warning=%s", m->warning);
	if (m->critical)
		fprintf(out, " critical=%s", m->critical);
	fputc('\n', out);
}

void check_tap(const struct answer *a)
{
	const struct health *h = a->facts;
	struct check_words w;
	bool told = false;

	check_words_say(h, a->terminal->utf8, &w);
	for (size_t i = 0; i < h->n_metrics; i++)
		told |= h->metrics[i].state == h->status;
	/* a failure to look is no metric's, and must not be lost */
	fprintf(a->out, "TAP version 13\n1..%zu\n", h->n_metrics + !told);
	for (size_t i = 0; i < h->n_metrics; i++)
		print_metric(&h->metrics[i], i + 1, a->out);
	if (!told)
		fprintf(a->out, "%sok %zu - look %s\n", h->status == CHECK_OK ? "" : "not ",
			h->n_metrics + 1, check_state_name(h->status));
	fprintf(a->out, "# %s: %s\n", check_state_name(h->status), w.summary);
	for (size_t i = 0; i < w.n_lines; i++)
		fprintf(a->out, "# %s\n", w.lines[i]);
	check_words_done(&w);
}
