/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* glibc 2.35 has it */
#endif

#define HUGE_PAGE ((size_t)2 << 20) /* of x86 and arm64, where pages have 4 KiB */

static int memory_status = EXIT_FAILURE;
static void (*memory_action)(void);

void out_of_memory_status(int status)
{
	memory_status = status;
}

void out_of_memory_first(void (*action)(void))
{
	memory_action = action;
}

void out_of_memory(void)
{
	static const char message[] = "coroner: out of memory\n";

	if (memory_action)
		memory_action();
	/* stdio may want memory of its own; nothing is left to do if this write fails */
	(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	_exit(memory_status);
}

static void *check(void *p)
{
	if (!p)
		out_of_memory();
	return p;
}

void *xmalloc(size_t size)
{
	return check(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return check(calloc(n ? n : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return check(reallocarray(p, n ? n : 1, size));
}

void *memory_rows(size_t n, size_t size)
{
	size_t whole;
	void *rows;

	if (__builtin_mul_overflow(n, size, &whole) || whole > SIZE_MAX - HUGE_PAGE)
		return NULL;
	if (whole < HUGE_PAGE)
		return malloc(whole);
	rows = aligned_alloc(HUGE_PAGE, (whole + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
	if (rows)
		(void)madvise(rows, whole & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
	return rows;
}

void memory_ready(void *start, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)start & ~(page - 1);

	if (size > 0)
		(void)madvise((char *)start - ((uintptr_t)start - from),
			      (uintptr_t)start - from + size, MADV_POPULATE_WRITE);
}

char *xstrdup(const char *s)
{
	return check(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return check(strndup(s, n));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	return check(s);
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}
