/* SPDX-License-Identifier: MIT */
#ifndef CORONER_CMDLINE_H
#define CORONER_CMDLINE_H

#include <stddef.h>

#define MAX_ARGS 4096 /* what comes after these is left out */

/*
 * Split the text of /proc/PID/cmdline (proc_pid_cmdline(5)): arguments that each end in a NUL; the
 * last NUL may be missing, for a process may write over its own. len 0 is legal: no arguments.
 * Returns an array of *ret_n strings of raw bytes (NULL for none); it and each of them are the
 * caller's. Pure.
 */
char **cmdline_split(const char *text, size_t len, size_t *ret_n);

#endif
