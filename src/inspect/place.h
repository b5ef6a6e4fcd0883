/* SPDX-License-Identifier: MIT */
/* The files of one process, wherever they are opened from: for details.c and what it reads with. */
#ifndef CORONER_PLACE_H
#define CORONER_PLACE_H

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "inspect/details.h"

/*
 * Where the files of a process are: its pinned directory and no prefix, or proc and its number. The
 * second spares an open, and stands for whoever has the number.
 */
struct place {
	int dir;
	char prefix[12];
};

enum { PLACE_PATH_SIZE = 64 };

/* The path of a file of it, in path or without a copy. */
static inline const char *path_at(const struct place *at, const char *name,
				  char path[PLACE_PATH_SIZE])
{
	if (!at->prefix[0])
		return name;
	stpcpy(stpcpy(path, at->prefix), name);
	return path;
}

/* file_read_at() of a file of it. */
static inline ssize_t read_at(const struct place *at, const char *name, char *text, size_t size)
{
	char path[PLACE_PATH_SIZE];

	return file_read_at(at->dir, path_at(at, name, path), text, size);
}

/* file_list_at() of a directory of it. */
static inline DIR *list_at(const struct place *at, const char *name)
{
	char path[PLACE_PATH_SIZE];

	return file_list_at(at->dir, path_at(at, name, path));
}

/* proc_status_read() of a file of it. */
static inline int read_status(const struct place *at, const char *name, struct proc_status *ret)
{
	char path[PLACE_PATH_SIZE];

	return proc_status_read(at->dir, path_at(at, name, path), ret);
}

/* That what was read, or with a negative errno why not. */
static inline void note_read(struct details *d, unsigned what, int r)
{
	if (r >= 0)
		d->have |= what;
	else if (r == -EACCES)
		d->denied |= what;
}

#endif
