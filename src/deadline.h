/* SPDX-License-Identifier: MIT */
/* Giving up in time: an answer for the case that the real one takes too long. */
#ifndef CORONER_DEADLINE_H
#define CORONER_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

/*
 * In so many milliseconds write text to standard output and exit with that status: setitimer(2), whoever has
 * blocked SIGALRM. Takes ownership of text. Once a process.
 */
void deadline_set(uint64_t ms, char *text, size_t len, int status);

/* The real answer begins to be written: the deadline still ends the process, and adds nothing to it. */
void deadline_begin_output(void);

#endif
