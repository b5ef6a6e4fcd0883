/* SPDX-License-Identifier: MIT */
/* The capabilities of this process (capabilities(7), libcap): keep few, drop each when its work is
 * done, and say by name which is missing and what it would show. */
#ifndef CORONER_PRIVILEGE_H
#define CORONER_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/capability.h>

/* A set of capabilities: bit N is capability N, as in /proc/PID/status. */
#define PRIVILEGE(cap) (UINT64_C(1) << (cap))

/* Reading other users' processes: ptrace read access, and files that only their owner may open. */
#define PRIVILEGE_SEE (PRIVILEGE(CAP_SYS_PTRACE) | PRIVILEGE(CAP_DAC_READ_SEARCH))
/* Loading the BPF iterator, Linux 5.8 and later. */
#define PRIVILEGE_BPF (PRIVILEGE(CAP_BPF) | PRIVILEGE(CAP_PERFMON))
#define PRIVILEGE_NUDGE PRIVILEGE(CAP_KILL)
/* Entering another PID namespace (setns(2)), and seeing which one a process is in. */
#define PRIVILEGE_ENTER (PRIVILEGE(CAP_SYS_ADMIN) | PRIVILEGE(CAP_SYS_PTRACE))

/* One capability and what it is good for here. */
struct privilege_use {
	cap_value_t cap;
	const char *shows; /* what it would show or allow, the end of a sentence */
};

/* All capabilities that any command has a use for. */
extern const struct privilege_use privilege_uses[];
extern const size_t privilege_n_uses;

/*
 * Whether this process was given rights by the file it was started from: a set-user-ID or
 * set-group-ID bit, or file capabilities (getauxval(3) AT_SECURE). A security module's transition
 * alone is none. Returns NULL, or what it was; static.
 */
const char *privilege_from_file(void);

/*
 * Keep of the permitted capabilities those in keep alone, make them effective, empty the
 * inheritable, ambient and (where CAP_SETPCAP is there) bounding sets, and set no_new_privs
 * (PR_SET_NO_NEW_PRIVS). To be called before any thread is started.
 * Returns 0 or a negative errno; something may be dropped already then.
 */
int privilege_keep(uint64_t keep);

/* Give these up for good. Returns 0 or a negative errno. */
int privilege_drop(uint64_t caps);

/* The effective capabilities of this process. */
uint64_t privilege_held(void);

/*
 * The name of a capability in the form of the man pages ("CAP_BPF"), by cap_to_name(3), which knows
 * the ones of the running kernel. Owned by the caller.
 */
char *privilege_name(cap_value_t cap);

#endif
