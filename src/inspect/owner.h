/* SPDX-License-Identifier: MIT */
/* Whose a process is, in the words of its operator: user, systemd unit, terminal. */
#ifndef CORONER_OWNER_H
#define CORONER_OWNER_H

#include <stdbool.h>

#include "census/census.h"

struct owner {
	char user[64];	/* name of the real user, or its number; "" where not known */
	char unit[192]; /* systemd unit, of the system or of a user; "" for none */
	char tty[64];	/* "pts/0"; "" for none */
};

/*
 * Ask libproc2 (procps_pids(3)), which asks the user database, the cgroup names of systemd and the
 * terminal devices. It knows no proc but /proc: the caller must look there too. The static build
 * knows no systemd units. Raw bytes, untrusted.
 * Returns true and fills *ret, or false where that process is gone or libproc2 cannot look
 * or is not installed.
 */
bool owner_read(const struct process *p, struct owner *ret);

#endif
