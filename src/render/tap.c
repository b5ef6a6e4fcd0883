/* SPDX-License-Identifier: MIT */
#include "base/base.h"
#include "render/check_report.h"

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

void check_print_tap(const struct check_report *r, FILE *out)
{
	bool told = false;

	for (size_t i = 0; i < r->n_metrics; i++)
		told |= r->metrics[i].state == r->status;
	/* a failure to look is no metric's, and must not be lost */
	fprintf(out, "TAP version 13\n1..%zu\n", r->n_metrics + !told);
	for (size_t i = 0; i < r->n_metrics; i++)
		print_metric(&r->metrics[i], i + 1, out);
	if (!told)
		fprintf(out, "%sok %zu - look %s\n", r->status == CHECK_OK ? "" : "not ",
			r->n_metrics + 1, check_state_name(r->status));
	fprintf(out, "# %s: %s\n", check_state_name(r->status), r->summary);
	for (size_t i = 0; i < r->n_lines; i++)
		fprintf(out, "# %s\n", r->lines[i]);
}
