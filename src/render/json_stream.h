/* SPDX-License-Identifier: MIT */
/*
 * JSON written as it is made: an object or a list that may be long goes out element by element, and looks
 * as json_print() of the whole would. No more of it is in memory than one value.
 */
#ifndef CORONER_JSON_STREAM_H
#define CORONER_JSON_STREAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define JSON_STREAM_DEPTH 8

struct json_stream {
	FILE *out;	/* borrowed; an error of it stays in ferror() */
	unsigned depth; /* how many are open */
	struct {
		bool list;  /* else an object */
		bool begun; /* it has an element */
	} open[JSON_STREAM_DEPTH];
};

/*
 * Begin an object or a list within what is open: under that key in an object, which in a list is NULL. At most
 * JSON_STREAM_DEPTH deep. Begin the outermost one with a zeroed stream that knows out.
 */
void json_stream_object(struct json_stream *s, const char *key);
void json_stream_list(struct json_stream *s, const char *key);

/* End what was begun last; after the outermost one comes a newline. */
void json_stream_end(struct json_stream *s);

/* Write a value there; its reference is taken over. */
void json_stream_value(struct json_stream *s, const char *key, json_t *value);

/* Write all that an object holds as if it had been made in the one that is open; its reference is taken over. */
void json_stream_values(struct json_stream *s, json_t *object);

#endif
