/* SPDX-License-Identifier: MIT */
#include "base/memstream.h"

#include "base/base.h"

enum { BEGINNING = 64 };

struct memstream {
	char **text;  /* borrowed, as size: the caller's */
	size_t *size; /* without the NUL */
	size_t cap;
};

static ssize_t take(void *cookie, const char *data, size_t n)
{
	struct memstream *m = cookie;

	while (m->cap - *m->size <= n) {
		m->cap *= 2;
		*m->text = xreallocarray(*m->text, m->cap, 1);
	}
	memcpy(*m->text + *m->size, data, n);
	*m->size += n;
	(*m->text)[*m->size] = '\0';
	return (ssize_t)n;
}

/* For ftell(3) alone: what was written stays */
static int tell(void *cookie, off64_t *offset, int whence)
{
	const struct memstream *m = cookie;

	if (whence != SEEK_CUR || *offset != 0)
		return -1;
	*offset = (off64_t)*m->size;
	return 0;
}

static int end(void *cookie)
{
	free(cookie);
	return 0;
}

FILE *memstream_open(char **ret_text, size_t *ret_size)
{
	const cookie_io_functions_t functions = { .write = take, .seek = tell, .close = end };
	struct memstream *m = xmalloc(sizeof(*m));
	FILE *stream;

	*m = (struct memstream){ ret_text, ret_size, BEGINNING };
	*ret_text = xcalloc(BEGINNING, 1);
	*ret_size = 0;
	stream = fopencookie(m, "w", functions);
	if (!stream)
		out_of_memory();
	return stream;
}
