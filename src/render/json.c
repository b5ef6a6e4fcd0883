/* SPDX-License-Identifier: MIT */
#include "render/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "base/duration.h"
#include "render/text.h"

void json_begin(void)
{
	json_set_alloc_funcs(xmalloc, free);
}

json_t *json_raw_text(const char *raw, size_t len)
{
	auto_free char *utf8 = text_utf8(raw, len);

	return json_string(utf8);
}

json_t *json_text(const char *s)
{
	return s ? json_raw_text(s, strlen(s)) : json_null();
}

json_t *json_known(bool known, int64_t value)
{
	return known ? json_integer(value) : json_null();
}

json_t *json_tri(enum tri t)
{
	return t == TRI_UNKNOWN ? json_null() : json_boolean(t == TRI_YES);
}

json_t *json_seconds(double s)
{
	return json_real((double)(int64_t)(s * 1000 + 0.5) / 1000);
}

json_t *json_time(int64_t boottime_ns)
{
	int64_t now = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	char text[TIME_TEXT_SIZE];

	return json_string(time_format(boottime_ns + now, text));
}

json_t *json_mask(bool known, uint64_t mask)
{
	char text[17];

	if (!known)
		return json_null();
	snprintf(text, sizeof(text), "%016" PRIx64, mask);
	return json_string(text);
}

/* A stream in which U+0080 to U+009F may be cut in two */
struct writer {
	FILE *out;
	unsigned column; /* where lines begin */
	bool c2;	 /* the first byte of U+0080 to U+00BF is held back */
};

static void write_byte(struct writer *w, unsigned char byte)
{
	if (w->c2 && byte >= 0x80 && byte <= 0x9f) {
		fprintf(w->out, "\\u00%02x", byte);
		w->c2 = false;
		return;
	}
	if (w->c2)
		fputc(0xc2, w->out);
	w->c2 = byte == 0xc2;
	if (byte == 0x7f)
		fputs("\\u007f", w->out);
	else if (byte == '\n')
		fprintf(w->out, "\n%*s", (int)w->column, "");
	else if (!w->c2)
		fputc(byte, w->out);
}

/* DEL and C1 can stand in a string or a key only, where either form means the same: RFC 8259, 7 */
static int write_escaped(const char *buffer, size_t size, void *data)
{
	struct writer *w = data;
	size_t plain = 0;

	/* as a rule nothing is to be done, and all of it goes out at once */
	while (plain < size && !w->c2 && buffer[plain] != 0x7f && buffer[plain] != '\n' &&
	       (unsigned char)buffer[plain] != 0xc2)
		plain++;
	if (plain > 0 && fwrite(buffer, 1, plain, w->out) != plain)
		return -1;
	for (size_t i = plain; i < size; i++)
		write_byte(w, (unsigned char)buffer[i]);
	return ferror(w->out) ? -1 : 0;
}

int json_write_at(const json_t *value, FILE *out, size_t flags, unsigned column)
{
	struct writer w = { .out = out, .column = column };
	int r = json_dump_callback(value, write_escaped, &w,
				   flags | JSON_REAL_PRECISION(12) | JSON_ENCODE_ANY);

	return r < 0 ? -EIO : 0;
}

int json_write(const json_t *value, FILE *out, size_t flags)
{
	return json_write_at(value, out, flags, 0);
}

int json_print(json_t *top, FILE *out)
{
	int r = json_write(top, out, JSON_INDENT(2));

	json_decref(top);
	return r < 0 || fputc('\n', out) == EOF ? -EIO : 0;
}
