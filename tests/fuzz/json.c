/* SPDX-License-Identifier: MIT */
/*
 * JSON as it is printed: whatever value, jansson reads it back as the same, no control byte is in it, and what
 * is written element by element is to the byte what is written at once.
 */
#include "fuzz.h"

#include "render/json.h"
#include "render/json_stream.h"

enum { MOST_ELEMENTS = 6, DEEPEST = 12 };

struct input {
	const uint8_t *data;
	size_t left;
};

static uint8_t take(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

static json_t *any_string(struct input *in)
{
	size_t len = take(in) % 32u;
	auto_free char *raw = NULL;

	len = len < in->left ? len : in->left;
	raw = exact_copy(in->data, len);
	in->data += len;
	in->left -= len;
	return json_raw_text(raw, len);
}

static json_t *any_value(struct input *in, unsigned depth);

static json_t *any_object(struct input *in, unsigned depth)
{
	json_t *o = json_object();

	for (unsigned i = 0, n = take(in) % MOST_ELEMENTS; i < n; i++) {
		char key[] = { 'k', (char)('a' + i), '\0' };

		require(json_object_set_new(o, key, any_value(in, depth + 1)) == 0);
	}
	return o;
}

static json_t *any_list(struct input *in, unsigned depth)
{
	json_t *list = json_array();

	for (unsigned i = 0, n = take(in) % MOST_ELEMENTS; i < n; i++)
		require(json_array_append_new(list, any_value(in, depth + 1)) == 0);
	return list;
}

static json_t *any_value(struct input *in, unsigned depth)
{
	switch (take(in) % 8) {
	case 0:
		return json_null();
	case 1:
		return json_tri((enum tri)(take(in) % 3));
	case 2:
		return json_integer((json_int_t)take(in) << (take(in) % 56u));
	case 3:
		return json_seconds((double)take(in) * take(in) / 7);
	case 4:
		return json_mask(take(in) % 2u, (uint64_t)take(in) << (take(in) % 56u));
	case 5:
		return depth < DEEPEST ? any_object(in, depth) : json_object();
	case 6:
		return depth < DEEPEST ? any_list(in, depth) : json_array();
	default:
		return any_string(in);
	}
}

/* Element by element as deep as that goes */
static void put(struct json_stream *s, const char *key, json_t *value)
{
	if (s->depth == JSON_STREAM_DEPTH || !(json_is_object(value) || json_is_array(value))) {
		json_stream_value(s, key, json_incref(value));
		return;
	}
	if (json_is_object(value)) {
		json_stream_object(s, key);
		for (void *i = json_object_iter(value); i; i = json_object_iter_next(value, i))
			put(s, json_object_iter_key(i), json_object_iter_value(i));
	} else {
		json_stream_list(s, key);
		for (size_t i = 0; i < json_array_size(value); i++)
			put(s, NULL, json_array_get(value, i));
	}
	json_stream_end(s);
}

static void require_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		require((c >= ' ' && c != 0x7f) || c == '\n');
		/* C1, as UTF-8 has it */
		require(i == 0 || (unsigned char)text[i - 1] != 0xc2 || c > 0x9f);
	}
}

static char *printed(json_t *value, bool streamed, size_t *ret_len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);
	struct json_stream s = { .out = out };

	if (streamed)
		put(&s, NULL, value);
	else
		require(json_print(json_incref(value), out) == 0);
	require(fclose(out) == 0);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	json_t *value = take(&in) % 2u ? any_object(&in, 0) : any_list(&in, 0), *again;
	size_t whole_len, len;
	auto_free char *whole = printed(value, false, &whole_len);
	auto_free char *parts = printed(value, true, &len);

	require_printable(whole, whole_len);
	require(len == whole_len && memcmp(whole, parts, len) == 0);
	again = json_loadb(whole, whole_len, 0, NULL);
	require(again && json_equal(again, value));
	json_decref(again);
	json_decref(value);
	return 0;
}
