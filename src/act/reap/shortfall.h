/* SPDX-License-Identifier: MIT */
/* Whether a system call that was cut off has done less than it was made for. */
#ifndef CORONER_SHORTFALL_H
#define CORONER_SHORTFALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "act/reap/reap_arch.h"

/*
 * Whether that call of thread tid, which it slept in, has come back with a smaller count than it asked for:
 * of those that write or send, or receive with MSG_WAITALL, and have a count. Reads the thread's memory for
 * the calls that have a list of parts; what cannot be read is not short.
 * Source: signal(7); Linux v6.18 fs/pipe.c:anon_pipe_write(), net/ipv4/tcp.c:tcp_sendmsg_locked().
 */
bool call_fell_short(pid_t tid, const struct reap_call *call, int64_t result);

#endif
