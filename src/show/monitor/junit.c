/* SPDX-License-Identifier: MIT */
/* JUnit's XML, as CI systems read it: a failure for an alert, an error for what is not known. */
#include "render/text.h"
#include "show/show.h"
#include "words/forks/check.h"
#include "words/forks/check_metrics.h"

/* Printable text holds no control character, so these five are all that XML needs */
static void put_escaped(const char *text, FILE *out)
{
	auto_free char *utf8 = text_utf8(text, strlen(text));

	for (const char *s = utf8; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&apos;", out);
			break;
		default:
			fputc(*s, out);
		}
	}
}

static void print_result(const char *name, enum check_state state, const char *message,
			 const struct check_words *w, FILE *out)
{
	const char *element = state == CHECK_UNKNOWN ? "error" : "failure";

	fprintf(out, "    <testcase classname=\"coroner.check\" name=\"%s\"", name);
	if (state == CHECK_OK) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, ">\n      <%s type=\"%s\" message=\"", element, check_state_name(state));
	put_escaped(message, out);
	fputs("\">", out);
	for (size_t i = 0; i < w->n_lines; i++) {
		put_escaped(w->lines[i], out);
		fputc('\n', out);
	}
	fprintf(out, "</%s>\n    </testcase>\n", element);
}

static void print_metric(const struct check_metric *m, const struct check_words *w, FILE *out)
{
	char value[CHECK_VALUE_SIZE];
	auto_free char *message = xasprintf("%s is %s%s (warning %s, critical %s)",
					    check_metric_what(m->index), check_value(m, value),
					    streq(m->unit, "c") || !m->has_value ? "" : m->unit,
					    m->warning ? m->warning : "-",
					    m->critical ? m->critical : "-");

	print_result(m->name, m->state, message, w, out);
}

void check_junit(const struct answer *a)
{
	const struct health *h = a->facts;
	size_t failures = 0, errors = 0;
	struct check_words w;
	bool told = false;

	check_words_say(h, a->terminal->utf8, &w);
	for (size_t i = 0; i < h->n_metrics; i++) {
		enum check_state state = h->metrics[i].state;

		failures += state == CHECK_WARNING || state == CHECK_CRITICAL;
		errors += state == CHECK_UNKNOWN;
		told |= state == h->status;
	}
	if (!told)
		errors += h->status == CHECK_UNKNOWN;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", a->out);
	fprintf(a->out,
		"  <testsuite name=\"coroner check\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
		h->n_metrics + !told, failures, errors);
	for (size_t i = 0; i < h->n_metrics; i++)
		print_metric(&h->metrics[i], &w, a->out);
	/* a failure to look is no metric's, and must not be lost */
	if (!told)
		print_result("look", h->status, w.summary, &w, a->out);
	fputs("  </testsuite>\n</testsuites>\n", a->out);
	check_words_done(&w);
}
