/* SPDX-License-Identifier: MIT */
#include "render/json_stream.h"

#include <assert.h>

#include "render/json.h"

enum { INDENT = 2 };

static void begin_line(struct json_stream *s)
{
	fprintf(s->out, "\n%*s", (int)s->depth * INDENT, "");
}

/* What stands before a value: a comma, a line of its own, its key */
static void place(struct json_stream *s, const char *key)
{
	if (s->depth == 0)
		return;
	if (s->open[s->depth - 1].begun)
		fputc(',', s->out);
	s->open[s->depth - 1].begun = true;
	begin_line(s);
	/* keys are words of our own: nothing in them is to be escaped */
	if (key)
		fprintf(s->out, "\"%s\": ", key);
}

static void begin(struct json_stream *s, const char *key, bool list)
{
	assert(s->depth < JSON_STREAM_DEPTH);
	place(s, key);
	fputc(list ? '[' : '{', s->out);
	s->open[s->depth].list = list;
	s->open[s->depth++].begun = false;
}

void json_stream_object(struct json_stream *s, const char *key)
{
	begin(s, key, false);
}

void json_stream_list(struct json_stream *s, const char *key)
{
	begin(s, key, true);
}

void json_stream_end(struct json_stream *s)
{
	bool list, begun;

	assert(s->depth > 0);
	s->depth--;
	list = s->open[s->depth].list;
	begun = s->open[s->depth].begun;
	if (begun)
		begin_line(s);
	fputc(list ? ']' : '}', s->out);
	if (s->depth == 0)
		fputc('\n', s->out);
}

void json_stream_value(struct json_stream *s, const char *key, json_t *value)
{
	place(s, key);
	(void)json_write_at(value, s->out, JSON_INDENT(INDENT), s->depth * INDENT);
	json_decref(value);
}

void json_stream_values(struct json_stream *s, json_t *object)
{
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
		json_stream_value(s, json_object_iter_key(i),
				  json_incref(json_object_iter_value(i)));
	json_decref(object);
}
