/* SPDX-License-Identifier: MIT */
#include "words/explain/story.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/base.h"
#include "render/json.h"
#include "render/table.h"
#include "render/text.h"

#define MOST_WIDTH 110 /* longer lines are hard to read */
#define LABEL 9

void story_tell(struct story *s, const char *about, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	ARRAY_GROW(s->facts, s->n, s->cap);
	s->facts[s->n++] = (struct fact){ .about = about, .text = text };
}

void story_evidence(struct story *s, bool inferred, const char *fmt, ...)
{
	struct fact *f = &s->facts[s->n - 1];
	va_list ap;

	free(f->evidence);
	f->inferred = inferred;
	va_start(ap, fmt);
	f->evidence = xvasprintf(fmt, ap);
	va_end(ap);
}

static void print_fact(const struct terminal *t, const struct fact *f, bool labelled, FILE *out)
{
	size_t width = terminal_width(t);
	enum style style = streq(f->about, "why")    ? STYLE_RED :
			   streq(f->about, "remedy") ? STYLE_GREEN :
						       STYLE_BOLD;
	auto_free char *body = NULL;

	if (width > MOST_WIDTH)
		width = MOST_WIDTH;
	if (f->evidence)
		body = xasprintf("%s [%s%s]", f->text, f->inferred ? "inferred: " : "",
				 f->evidence);
	fprintf(out, "%s%-*s%s ", style_on(style, t->color), LABEL, labelled ? f->about : "",
		style_off(style, t->color));
	text_hang(out, body ? body : f->text, LABEL + 1, LABEL + 1, width);
}

void story_print(const struct story *s, FILE *out)
{
	for (size_t i = 0; i < s->n; i++)
		print_fact(s->terminal, &s->facts[i],
			   i == 0 || !streq(s->facts[i].about, s->facts[i - 1].about), out);
}

json_t *story_json(const struct story *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n; i++) {
		const struct fact *f = &s->facts[i];
		json_t *o = json_object();

		json_object_set_new(o, "about", json_string(f->about));
		json_object_set_new(o, "text", json_text(f->text));
		json_object_set_new(o, "evidence", json_text(f->evidence));
		json_object_set_new(o, "inferred", json_boolean(f->inferred));
		json_array_append_new(list, o);
	}
	return list;
}

void story_done(struct story *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->facts[i].text);
		free(s->facts[i].evidence);
	}
	free(s->facts);
	*s = (struct story){ 0 };
}
