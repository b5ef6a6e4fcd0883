/* SPDX-License-Identifier: MIT */
/* What every fuzz target needs: claims that end it, and copies that show a byte read too far. */
#ifndef CORONER_FUZZ_H
#define CORONER_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* Called by libFuzzer with one input after another; 0 always. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(claim)                                                                      \
	do {                                                                                \
		if (!(claim)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim); \
			abort();                                                            \
		}                                                                           \
	} while (0)

/* A copy without a NUL behind it, owned by the caller: AddressSanitizer sees every byte too far. */
static inline char *exact_copy(const void *data, size_t size)
{
	char *copy = xmalloc(size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

/* The input as a string, up to its first NUL; owned by the caller. */
static inline char *as_string(const uint8_t *data, size_t size)
{
	return xstrndup((const char *)data, size);
}

/* Cut the first line (without its newline) off a string: what is left, or "" at the end. */
static inline char *cut_line(char *s)
{
	char *eol = s + strcspn(s, "\n");

	if (!*eol)
		return eol;
	*eol = '\0';
	return eol + 1;
}

#endif
