/* SPDX-License-Identifier: MIT */
/* A file that is replaced as a whole: readers see what was there before or all of it, never a half. */
#ifndef CORONER_REPLACE_H
#define CORONER_REPLACE_H

#include <stdio.h>
#include <sys/types.h>

struct replacement {
	const char *path; /* borrowed */
	char *aside;	  /* owned */
	FILE *out;	  /* owned; write what path shall hold */
};

/*
 * Open a file beside path, for its owner alone. Returns 0, and *ret is then to be ended with replace_end();
 * or a negative errno.
 */
int replace_begin(const char *path, struct replacement *ret);

/*
 * Rename it over path, whatever that is (rename(2)), with these permissions. Returns 0; or a negative errno,
 * also of what was written before: path is as it was then, and nothing is left beside it.
 */
int replace_end(struct replacement *r, mode_t mode);

#endif
