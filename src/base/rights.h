/* SPDX-License-Identifier: MIT */
/* The capabilities that this process holds (capabilities(7), libcap), their names, and what each is
 * good for here. */
#ifndef CORONER_RIGHTS_H
#define CORONER_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/capability.h>

/* A set of capabilities: bit N is capability N, as in /proc/PID/status. */
#define RIGHT(cap) (UINT64_C(1) << (cap))

/* Reading other users' processes: ptrace read access, and files that only their owner may open. */
#define RIGHTS_SEE (RIGHT(CAP_SYS_PTRACE) | RIGHT(CAP_DAC_READ_SEARCH))
/* Loading the BPF iterator, Linux 5.8 and later. */
#define RIGHTS_BPF (RIGHT(CAP_BPF) | RIGHT(CAP_PERFMON))
#define RIGHTS_NUDGE RIGHT(CAP_KILL)
/* Sending something of ours, worth nothing, into another PID namespace: act/enter/enter.h. */
#define RIGHTS_INTO \
	(RIGHT(CAP_SYS_ADMIN) | RIGHT(CAP_SYS_CHROOT) | RIGHT(CAP_SETUID) | RIGHT(CAP_SETGID))
/* And seeing which one a process is in. */
#define RIGHTS_ENTER (RIGHTS_INTO | RIGHT(CAP_SYS_PTRACE))
/* Without these there is no way in. */
#define RIGHTS_ENTER_AT_ALL (RIGHT(CAP_SYS_ADMIN) | RIGHT(CAP_SYS_PTRACE))

/*
 * Whether this process was given rights by the file it was started from: a set-user-ID or
 * set-group-ID bit, or file capabilities (getauxval(3) AT_SECURE). A security module's transition
 * alone is none. Returns NULL, or what it was; static.
 */
const char *rights_from_file(void);

/* The effective capabilities of this thread; none where they cannot be read. */
uint64_t rights_held(void);

/* The same, and the permitted ones. Return 0 or a negative errno. */
int rights_effective(uint64_t *ret);
int rights_permitted(uint64_t *ret);

/*
 * The name of a capability in the form of the man pages ("CAP_BPF"), by cap_to_name(3), which knows
 * the ones of the running kernel. Owned by the caller.
 */
char *rights_name(cap_value_t cap);

#endif
