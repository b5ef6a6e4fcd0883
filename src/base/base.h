/* SPDX-License-Identifier: MIT */
/* The few helpers every room may use: checked allocation, cleanup attributes, three-valued truth. */
#ifndef CORONER_BASE_H
#define CORONER_BASE_H

#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What may be yes, no or not known. Zero is "unknown", so that nothing unset reads as an answer. */
enum tri {
	TRI_UNKNOWN = 0,
	TRI_NO,
	TRI_YES,
};

/* What is known of b: YES or NO. */
static inline enum tri tri_of(bool b)
{
	return b ? TRI_YES : TRI_NO;
}

/* Whether two strings are equal: strcmp(3) reads inverted. */
static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Whether s begins with prefix. */
static inline bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* The value of a hexadecimal digit, small letters only, as the kernel writes them; -1 for others. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Allocation that cannot fail: out of memory prints one line and exits, the only exit outside main.c;
 * with status 1, unless another was set. The caller owns the result and frees it with free(3).
 */
void out_of_memory_status(int status);
/* What is to be done before that line, once, without memory and whatever else is going on; NULL: nothing. */
void out_of_memory_first(void (*action)(void));
void out_of_memory(void) __attribute__((noreturn));
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
char *xvasprintf(const char *fmt, va_list ap)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 0)));
char *xasprintf(const char *fmt, ...)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

/*
 * Room for n rows of size bytes that will be filled from the first on, in huge pages as far as they fill some:
 * address space alone until then. To free with free(3), or NULL where there is none. Source: madvise(2),
 * MADV_HUGEPAGE: a hint, where the kernel has none they are pages as ever.
 */
void *memory_rows(size_t n, size_t size) __attribute__((malloc));

/*
 * Bring in at once the pages of size bytes from start, which will all be written soon: a page fault each costs
 * several times as much, in some virtual machines 15 times. A hint: the bytes stay what they are, and where the
 * kernel cannot do it they come one by one as ever. Source: madvise(2), MADV_POPULATE_WRITE, Linux 5.14.
 */
void memory_ready(void *start, size_t size);

/*
 * Make room for one more element in a growable array: ARRAY_GROW(v, n, cap) where v is a typed
 * pointer, n the count in use and cap the count allocated. Doubles, starting at 16.
 */
#define ARRAY_GROW(v, n, cap)                                          \
	do {                                                           \
		if ((n) == (cap)) {                                    \
			(cap) = (cap) ? (cap)*2 : 16;                  \
			(v) = xreallocarray((v), (cap), sizeof(*(v))); \
		}                                                      \
	} while (0)

/*
 * A variable that is declared auto_free, auto_close (-1: it owns none) or auto_dir is released where it goes out of
 * scope. These functions are for that alone: of auto_free,
 */
static inline void free_cleanup(void *p)
{
	free(*(void **)p);
}

/* of auto_close */
static inline void close_cleanup(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* of auto_dir */
static inline void closedir_cleanup(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define auto_free __attribute__((cleanup(free_cleanup)))
#define auto_close __attribute__((cleanup(close_cleanup)))
#define auto_dir __attribute__((cleanup(closedir_cleanup)))

/* Hand a descriptor over: returns it, and the auto_close variable owns none any more. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
