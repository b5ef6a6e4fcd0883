/* SPDX-License-Identifier: MIT */
#ifndef CORONER_WAITS_H
#define CORONER_WAITS_H

#include "inspect/details.h"

/*
 * Whom a wait for one child means, as a PID of coroner's own namespace. The number given to wait4(2)
 * counts in the caller's PID namespace, so it is compared with the numbers (NSpid) of the children;
 * a pidfd is resolved by its fdinfo (pidfd_open(2)).
 * Returns the PID, or 0 where it could not be found.
 */
pid_t waits_target(const struct census *c, const struct details *parent,
		   const struct blocked_in *blocked_in);

/*
 * Whether a thread waits for what others may send whenever they like: data, a connection, a message, a lock,
 * or a signal, be it one of its own timers' (sigtimedwait(2), or one with a handler in pause(2), sigsuspend(2)). Takes WANT_STATUS, WANT_DOING.
 */
bool waits_for_others(const struct details *d);

/*
 * Of a set of caught signals (bit N - 1: signal N) those that may come from outside: not what a fault of the program's
 * own raises (signal(7)), nor the two that libc takes for itself (nptl(7)). Pure.
 */
uint64_t waits_called_by(uint64_t caught);

#endif
