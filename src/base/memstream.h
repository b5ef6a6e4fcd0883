/* SPDX-License-Identifier: MIT */
#ifndef CORONER_MEMSTREAM_H
#define CORONER_MEMSTREAM_H

#include <stddef.h>
#include <stdio.h>

/*
 * A stream into memory, as of open_memstream(3); but where there is no more memory it ends the program, as
 * xmalloc() does. That of the C library drops what does not fit, and neither fclose(3) nor ferror(3) tells.
 * ftell(3) works, fseek(3) does not. *ret_text, NUL-terminated and *ret_size bytes long, is the caller's after
 * fclose(3), which cannot fail.
 */
FILE *memstream_open(char **ret_text, size_t *ret_size) __attribute__((returns_nonnull));

#endif
