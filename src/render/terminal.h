/* SPDX-License-Identifier: MIT */
/* What text is laid out for: a terminal, a pipe or a file. */
#ifndef CORONER_TERMINAL_H
#define CORONER_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum { PIPE_WIDTH = 80 }; /* what a reader of a pipe or a file can count on */

struct terminal {
	bool color;
	bool utf8;
	size_t width; /* columns, 0: not a terminal */
};

/* How many columns there are for text that fits. Pure. */
static inline size_t terminal_width(const struct terminal *t)
{
	return t->width ? t->width : PIPE_WIDTH;
}

#endif
