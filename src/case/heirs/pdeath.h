/* SPDX-License-Identifier: MIT */
#ifndef CORONER_PDEATH_H
#define CORONER_PDEATH_H

#include "census/census.h"

/*
 * Whether the parent of child may send it a signal, which the parent-death signal takes too: it goes out with the
 * rights of the one that ends, which may have given them up since the fork (Linux v6.18 kernel/exit.c:
 * forget_original_parent(), kernel/signal.c:check_kill_permission(), kill_ok_by_cred()). UNKNOWN where that could not
 * be read, and for rights in different user namespaces.
 */
enum tri pdeath_may_send(const struct census *c, const struct process *child);

#endif
