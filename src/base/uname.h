/* SPDX-License-Identifier: MIT */
/* Which kernel this is. */
#ifndef CORONER_UNAME_H
#define CORONER_UNAME_H

/* A kernel version as one number that compares: KERNEL(4, 11). */
#define KERNEL(major, minor) ((unsigned)(major) << 8 | (unsigned)(minor))

/* The running kernel, uname(2), as KERNEL(); 0: not known. */
unsigned kernel_running(void);

#endif
