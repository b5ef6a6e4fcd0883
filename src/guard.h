/* SPDX-License-Identifier: MIT */
/*
 * Giving up in time, whatever it is that does not answer: who waits for a file system that hangs (FUSE, NFS) may
 * be deaf to every signal, even to SIGKILL (Linux fs/fuse/dev.c:request_wait_answer()). So a child looks, and this
 * process touches nothing that could hang.
 */
#ifndef CORONER_GUARD_H
#define CORONER_GUARD_H

#include <stdint.h>

enum guard_end {
	GUARD_LOOK, /* this process is to look: it is the child, whose output its parent writes when it has ended */
	GUARD_NO_CHILD, /* so is it, without a guard: there is no child to be had */
	GUARD_DONE, /* the child has looked; its standard error is written, its standard output with it */
	GUARD_KILLED, /* it was ended by a signal, and what it had written is dropped */
	GUARD_LATE,   /* the same, as time is up: it ends as soon as it hears of anything */
};

/*
 * Have a child of this process go on, for so many milliseconds. *ret is its exit status, or the signal. Before any
 * thread is started and anything is written.
 */
enum guard_end guard_begin(uint64_t ms, int *ret);

#endif
