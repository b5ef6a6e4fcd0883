/* SPDX-License-Identifier: MIT */
#ifndef CORONER_TTY_H
#define CORONER_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/sysmacros.h>

#include "census/census.h"

/* The terminal that controls a process, fields 7 and 8 of proc_pid_stat(5). */
struct tty {
	unsigned device; /* its device number as in stat; 0: it has none */
	pid_t foreground; /* the process group in the foreground, as numbered by the reader; 0: none */
};

/* Parse the text of /proc/PID/stat for it. Returns 0, or -EBADMSG. Pure. */
int tty_parse(const char *text, size_t len, struct tty *ret);

/* Read that of p. Returns 0, -ESRCH, -EACCES or -EBADMSG. */
int tty_read(const struct census *c, const struct process *p, struct tty *ret);

/* A device number as stat has it, as stat(2) has it. Pure. Source: Linux include/linux/kdev_t.h:new_encode_dev(). */
static inline dev_t tty_dev(unsigned device)
{
	return makedev(device >> 8 & 0xfff, (device & 0xff) | (device >> 12 & 0xfff00));
}

#endif
