/* SPDX-License-Identifier: MIT */
/* JSON values, through jansson: every field of a type, null where it is not known. */
#ifndef CORONER_JSON_H
#define CORONER_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "base/base.h"

/*
 * Have jansson end the program where there is no more memory, as xmalloc() does: it would leave out what it
 * cannot hold. Called once, before the first value.
 */
void json_begin(void);

/* All results are new references, owned by the caller (json_decref(), or stolen by *_new()). */

/* A string from a process: made valid UTF-8. */
json_t *json_raw_text(const char *raw, size_t len);
/* A string of our own, null for NULL. */
json_t *json_text(const char *s);
/* An integer, null where it is not known. */
json_t *json_known(bool known, int64_t value);
/* true, false or null. */
json_t *json_tri(enum tri t);
/* Seconds with a resolution of 1 ms. */
json_t *json_seconds(double s);
/* RFC 3339, from nanoseconds of CLOCK_BOOTTIME. */
json_t *json_time(int64_t boottime_ns);
/* A mask as /proc writes it: 16 hexadecimal digits. */
json_t *json_mask(bool known, uint64_t mask);

/*
 * Write a value as jansson does (flags: its JSON_INDENT() or JSON_COMPACT), and DEL and the controls of C1,
 * which it leaves as they are, as \u007f to \u009f. All JSON goes out through this. Returns 0, or -EIO.
 */
int json_write(const json_t *value, FILE *out, size_t flags);

/* The same of a value that stands so many columns to the right: all but its first line is moved there. */
int json_write_at(const json_t *value, FILE *out, size_t flags, unsigned column);

/* Print one object and a newline, and drop the reference. Returns 0, or -EIO. */
int json_print(json_t *top, FILE *out);

#endif
