/* SPDX-License-Identifier: MIT */
#include "show/monitor/openmetrics.h"

#include <math.h>

#include "base/base.h"
#include "render/text.h"

void om_gauge(FILE *out, const char *name, const char *unit, const char *help)
{
	fprintf(out, "# TYPE %s gauge\n", name);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
	fprintf(out, "# HELP %s %s\n", name, help);
}

static void put_value(FILE *out, const char *raw)
{
	auto_free char *text = text_printable(raw, strlen(raw), true);

	for (const char *s = text; *s; s++) {
		/* printable text holds no newline */
		if (*s == '\\' || *s == '"')
			fputc('\\', out);
		fputc(*s, out);
	}
}

void om_sample(FILE *out, const char *name, const struct om_label *labels, size_t n, double value)
{
	char text[64];

	fputs(name, out);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%c%s=\"", i ? ',' : '{', labels[i].name);
		put_value(out, labels[i].value);
		fputc('"', out);
	}
	/* counts are whole up to 2^53; "%.15g" would write 1e+15 only beyond any of them */
	snprintf(text, sizeof(text), "%.15g", value);
	fprintf(out, "%s %s\n", n ? "}" : "", text);
}

void om_end(FILE *out)
{
	fputs("# EOF\n", out);
}
