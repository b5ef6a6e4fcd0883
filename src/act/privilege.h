/* SPDX-License-Identifier: MIT */
/* Giving up capabilities of this process (capabilities(7)): keep few, drop each when its work is done. */
#ifndef CORONER_PRIVILEGE_H
#define CORONER_PRIVILEGE_H

#include <stdint.h>

/*
 * Keep of the permitted capabilities those in keep alone (all, where CAP_SYS_PTRACE is not among
 * them: each may be what a read depends on), make them effective, empty the
 * inheritable, ambient and (where CAP_SETPCAP is there) bounding sets, and set no_new_privs
 * (PR_SET_NO_NEW_PRIVS). To be called before any thread is started.
 * Returns 0 or a negative errno; something may be dropped already then.
 */
int privilege_keep(uint64_t keep);

/*
 * Give these up for good: their work is done. Where CAP_SYS_PTRACE is not held they stay until
 * privilege_end_reads(). Returns 0 or a negative errno.
 */
int privilege_drop(uint64_t caps);

/*
 * No process is read any more: where CAP_SYS_PTRACE is not held, give up now all but keep. With it
 * nothing depends on the others, and nothing is left to give up. Returns 0 or a negative errno.
 */
int privilege_end_reads(uint64_t keep);

#endif
