/* SPDX-License-Identifier: MIT */
/* Durations as people write and read them, and the clocks they are measured with. */
#ifndef CORONER_DURATION_H
#define CORONER_DURATION_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

#define DURATION_TEXT_SIZE 32
#define TIME_TEXT_SIZE 40

/*
 * Parse "500ms", "2s", "5m", "1h" or a bare number of seconds; a fraction ("0.5s") is allowed.
 * Returns 0 and the milliseconds, or -EINVAL for anything else, a negative or a too long one
 * (more than a year).
 */
int duration_parse(const char *text, uint64_t *ret_ms);

/*
 * Write a length of time in at most six columns for a table: "350ms", "12s", "5m03s", "2h07m",
 * "3d04h", and from 100 days on "123d". seconds is 0 or more. Returns buf.
 */
char *duration_format(double seconds, char buf[static DURATION_TEXT_SIZE]);

/*
 * Write a moment (nanoseconds of CLOCK_REALTIME) as RFC 3339 in UTC with milliseconds:
 * "2026-01-31T07:05:09.123Z". Returns buf.
 */
char *time_format(int64_t realtime_ns, char buf[static TIME_TEXT_SIZE]);

/* Nanoseconds of a clock of clock_gettime(2). */
int64_t clock_ns(clockid_t clock);

/* Sleep for the whole of ms, interruptions included. */
void sleep_ms(uint64_t ms);

#endif
