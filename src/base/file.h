/* SPDX-License-Identifier: MIT */
/* Reading kernel files, with errors in this project's few words. */
#ifndef CORONER_FILE_H
#define CORONER_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Translate an errno met below /proc or a cgroup tree, once, at the edge: ENOENT and ESRCH become
 * -ESRCH (gone), EACCES and EPERM -EACCES (denied), everything else its negative self.
 * A want of descriptors or memory says nothing about the file, and is remembered besides.
 */
int file_error(int err);

/*
 * The first -EMFILE, -ENFILE or -ENOMEM that file_error() has met since the last call of this, or 0:
 * what was taken for gone since then may be there. For any thread.
 */
int file_shortage(void);

/*
 * Read dirfd/path, a file that is known to be short, into buf and end it with a NUL.
 * Returns the number of bytes read (0 is legal: an empty file), an error of file_error(), or -EFBIG
 * where the file holds size - 1 bytes or more: what is in buf may be cut.
 */
ssize_t file_read_at(int dirfd, const char *path, char *buf, size_t size);

/*
 * Open dirfd/path for reading, whatever stands there: a FIFO in a tree that is no proc does not block,
 * a terminal does not become ours. Returns a descriptor that the caller owns, or an error of file_error().
 */
int file_open_at(int dirfd, const char *path);

/*
 * Read all of dirfd/path, whatever its length. *ret_buf is NUL-terminated and owned by the caller
 * (free(3)); *ret_len does not count that NUL. Returns 0, an error of file_error(), or -EFBIG for
 * more than 64 MiB.
 */
int file_slurp_at(int dirfd, const char *path, char **ret_buf, size_t *ret_len);

/* The directory dirfd/path, to be listed: the caller's to closedir(3). NULL, errno says why. */
DIR *file_list_at(int dirfd, const char *path);

/*
 * Read a file that holds one unsigned decimal number or the word "max" (cgroup limits), which
 * gives UINT64_MAX. Returns 0, an error of file_error(), or -EBADMSG if it holds anything else.
 */
int file_read_u64_at(int dirfd, const char *path, uint64_t *ret);

#endif
