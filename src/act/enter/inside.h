/* SPDX-License-Identifier: MIT */
/*
 * What coroner and the program inside (act/enter/inside/) agree on: its arguments and what it says. The
 * program is the only thing of coroner's that ever runs in a foreign PID namespace.
 */
#ifndef CORONER_INSIDE_H
#define CORONER_INSIDE_H

#include <stdint.h>

/* Architectures that act/enter/inside/calls.h knows how to make a system call on. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ &&                            \
	((defined(__x86_64__) && defined(__LP64__)) || defined(__i386__) || \
	 defined(__aarch64__) || defined(__ARM_EABI__) ||                   \
	 (defined(__riscv) && __riscv_xlen == 64))
#define INSIDE_SUPPORTED 1
#else
#define INSIDE_SUPPORTED 0
#endif

/* argv[0] is the name that it shows; argv[1] is made of these letters. */
#define INSIDE_ASK 'a'	  /* a child that exits at once: its number there is what is asked */
#define INSIDE_ORPHAN 'o' /* a child that forks an orphan */
#define INSIDE_SWEEP 's'  /* no other process runs as its user: kill(-1) means its own alone */
#define INSIDE_BARE 'b'	  /* do without a system call filter where the kernel has none */

enum inside_said {
	INSIDE_FAILED,	/* value: a positive errno */
	INSIDE_PID_MAX, /* from the guide; value: of the namespace that was entered, 0: not known */
	INSIDE_MADE,	/* from the guide; value: its child, numbered as coroner does */
	INSIDE_HELLO,	/* from the orphan, before the middle ends */
	INSIDE_ADOPTED, /* from the orphan; value: its parent, numbered as in there */
};

enum inside_step {
	INSIDE_STEP_NONE,
	INSIDE_STEP_ENTER, /* setns(2) */
	INSIDE_STEP_START, /* to become worthless: user, memory, filter */
	INSIDE_STEP_FORK,
};

/* One message on a SOCK_SEQPACKET socket. */
struct inside_message {
	int32_t said;
	int32_t step;
	int32_t value;
};

#endif
