/* SPDX-License-Identifier: MIT */
/*
 * The way to libproc2, which one command in fourteen asks for one process: it is loaded when it is
 * asked. It brings libsystemd and four libraries behind that one, half of the time that a short look
 * takes, and code that all others of a program with rights can do without.
 */
#ifndef CORONER_LIBPROC2_H
#define CORONER_LIBPROC2_H

#include <libproc2/pids.h>

/* The functions of procps_pids(3) under their own names. */
struct libproc2 {
	typeof(&procps_pids_new) pids_new;
	typeof(&procps_pids_select) pids_select;
	typeof(&procps_pids_unref) pids_unref;
};

/*
 * Returns the functions, static; or NULL where the library is not installed or lacks one of them. The
 * static binary has it built in.
 */
const struct libproc2 *libproc2_get(void);

#endif
