/* SPDX-License-Identifier: MIT */
/* The output of a monitoring plugin: Monitoring Plugins Development Guidelines, "Plugin Output". */
#include "show/show.h"
#include "words/forks/check.h"

/* 'label'=value[UOM];[warn];[crit];[min];[max] */
static void print_perfdata(const struct check_metric *m, FILE *out)
{
	bool percent = streq(m->unit, "%");
	char value[CHECK_VALUE_SIZE];

	fprintf(out, " '%s'=%s%s;%s;%s;0;%s", m->name, check_value(m, value),
		m->has_value ? m->unit : "", m->warning ? m->warning : "",
		m->critical ? m->critical : "", percent ? "100" : "");
}

void check_nagios(const struct answer *a)
{
	const struct health *h = a->facts;
	struct check_words w;

	check_words_say(h, a->terminal->utf8, &w);
	fprintf(a->out, "CORONER %s: %s", check_state_name(h->status), w.summary);
	if (h->n_metrics > 0)
		fputs(" |", a->out);
	for (size_t i = 0; i < h->n_metrics; i++)
		print_perfdata(&h->metrics[i], a->out);
	fputc('\n', a->out);
	for (size_t i = 0; i < w.n_lines; i++)
		fprintf(a->out, "%s\n", w.lines[i]);
	check_words_done(&w);
}
