/* SPDX-License-Identifier: MIT */
/* The JSON of SPEC, through jansson: every field of a type, null where it is not known. */
#ifndef CORONER_JSON_H
#define CORONER_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "census/census.h"
#include "inspect/details.h"
#include "judge/verdict.h"

/* All results are new references, owned by the caller (json_decref(), or stolen by *_new()). */

/* A string from a process: made valid UTF-8. */
json_t *json_raw_text(const char *raw, size_t len);
/* A string of our own, null for NULL. */
json_t *json_text(const char *s);
/* An integer, null where it is not known. */
json_t *json_known(bool known, int64_t value);
/* true, false or null. */
json_t *json_tri(enum tri t);
/* Seconds with a resolution of 1 ms. */
json_t *json_seconds(double s);
/* RFC 3339, from nanoseconds of CLOCK_BOOTTIME. */
json_t *json_time(int64_t boottime_ns);
/* A mask as /proc writes it: 16 hexadecimal digits. */
json_t *json_mask(bool known, uint64_t mask);
/* {"SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"}, each a mask or null */
json_t *json_masks(bool known, const struct signal_masks *m);

/* A process, as everywhere in the output; age and start time are as of the census. */
json_t *json_process(const struct census *c, const struct details *d);
/* {"runtime", "id", "pod_uid", "cgroup"} of the container that a process is in, null for none */
json_t *json_container(const struct details *d);
/* {"code", "certainty", "why", "remedy", "nudge"} */
json_t *json_verdict(const struct verdict *v);

/* The top of every output: schema, source, visible_processes, notes; body is stolen and merged. */
json_t *json_top(const char *command, const struct census *c, char *const *notes, size_t n_notes,
		 json_t *body);

/* Print one object and a newline, and drop the reference. Returns 0, or -EIO. */
int json_print(json_t *top, FILE *out);

#endif
