/* SPDX-License-Identifier: MIT */
/* The output of a monitoring plugin: Monitoring Plugins Development Guidelines, "Plugin Output". */
#include <math.h>

#include "base/base.h"
#include "render/check_report.h"

void check_add_line(struct check_report *r, char *line)
{
	/* a bar begins the performance data, in the long output as well */
	for (char *s = line; (s = strchr(s, '|'));)
		*s = '/';
	ARRAY_GROW(r->lines, r->n_lines, r->cap_lines);
	r->lines[r->n_lines++] = line;
}

void check_report_done(struct check_report *r)
{
	for (size_t i = 0; i < r->n_lines; i++)
		free(r->lines[i]);
	free(r->lines);
	free(r->summary);
	*r = (struct check_report){ 0 };
}

const char *check_value(const struct check_metric *m, char buf[static CHECK_VALUE_SIZE])
{
	int n;

	if (!m->has_value)
		return "U";
	n = snprintf(buf, CHECK_VALUE_SIZE, "%.3f", m->value);
	/* 12.000 is 12; the locale may write a comma, which the guidelines do not know */
	for (char *s = buf; *s; s++)
		if (*s == ',')
			*s = '.';
	while (n > 0 && strchr(buf, '.') && (buf[n - 1] == '0' || buf[n - 1] == '.')) {
		bool dot = buf[n - 1] == '.';

		buf[--n] = '\0';
		if (dot)
			break;
	}
	return buf;
}

/* 'label'=value[UOM];[warn];[crit];[min];[max] */
static void print_perfdata(const struct check_metric *m, FILE *out)
{
	bool percent = streq(m->unit, "%");
	char value[CHECK_VALUE_SIZE];

	fprintf(out, " '%s'=%s%s;%s;%s;0;%s", m->name, check_value(m, value),
		m->has_value ? m->unit : "", m->warning ? m->warning : "",
		m->critical ? m->critical : "", percent ? "100" : "");
}

void check_print_nagios(const struct check_report *r, FILE *out)
{
	fprintf(out, "CORONER %s: %s", check_state_name(r->status), r->summary);
	if (r->n_metrics > 0)
		fputs(" |", out);
	for (size_t i = 0; i < r->n_metrics; i++)
		print_perfdata(&r->metrics[i], out);
	fputc('\n', out);
	for (size_t i = 0; i < r->n_lines; i++)
		fprintf(out, "%s\n", r->lines[i]);
}
