/* SPDX-License-Identifier: MIT */
/* What an attacker does to one that came into its PID namespace. Each logs what it got. */
#ifndef ATTACK_H
#define ATTACK_H

#include <stdbool.h>
#include <sys/types.h>

/* Opens the log that --log names; before the box. */
void attack_start(void);

/* "saw", "hit" and "GOT" lines. */
void attack_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The file outside, an absolute path. */
const char *attack_secret(void);

/* Through /proc/PID/root, cwd, exe, fd, ns, mem and environ. */
void attack_links(pid_t pid);

/* PTRACE_ATTACH, never waited for; with hold its death is not waited for either. */
void attack_attach(pid_t pid, bool hold);

/* PTRACE_ATTACH and system calls of the attacker's in its place. */
void attack_inject(pid_t pid);

#endif
