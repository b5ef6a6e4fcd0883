/* SPDX-License-Identifier: MIT */
/* Looking every so often, each time as a program that is executed anew. */
#ifndef CORONER_AGAIN_H
#define CORONER_AGAIN_H

#include <stdint.h>

/*
 * Begin one look of a program that looks every so often, each time as a new one: it executes itself, so that nothing grows, and
 * no census, note or right of one look is left to the next. The PID stays.
 *
 * From here on SIGTERM, SIGINT and SIGHUP wait until this look is done: what it writes is written whole, and
 * the init of a PID namespace hears of them too (kernel/signal.c: sig_task_ignored() drops what an init has
 * neither a handler nor blocked).
 */
void again_begin(void);

/*
 * Wait until every_ms after this look began, began_ms (CLOCK_MONOTONIC), then execute this program anew with
 * argv, NULL behind the last. Returns 0 if it was told to end meanwhile, else a negative errno: it could not be
 * executed.
 */
int again_wait_and_run(uint64_t every_ms, int64_t began_ms, char **argv);

#endif
