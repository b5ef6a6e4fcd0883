/* SPDX-License-Identifier: MIT */
/* What every JSON answer holds: its top, processes, containers, masks, verdicts (coroner-json(5)). */
#ifndef CORONER_JSON_PROCESS_H
#define CORONER_JSON_PROCESS_H

#include "inspect/details.h"
#include "judge/verdict.h"
#include "render/json.h"
#include "render/json_stream.h"
#include "show/show.h"

/* All results are new references, owned by the caller. */

/* {"SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"}, each a mask or null */
json_t *json_masks(bool known, const struct signal_masks *m);

/* A process, as everywhere in the output; age and start time are as of the census. */
json_t *json_process(const struct census *c, const struct details *d);
/* {"runtime", "id", "pod_uid", "cgroup"} of the container that a process is in, null for none */
json_t *json_container(const struct details *d);
/* {"code", "certainty", "why", "remedy", "nudge"} */
json_t *json_verdict(const struct verdict *v);

/* The top of every output: schema, source, visible_processes, notes; body is stolen and merged. */
json_t *json_top(const char *command, const struct census *c, const struct remarks *notes,
		 json_t *body);

/*
 * Print the answer of a command: the top, whose notes hold the problems too, and body, whose reference is
 * stolen. Where there is no census the source is null, and nothing was seen.
 */
void json_answer(const struct answer *a, const char *command, json_t *body);

/*
 * The same of an answer that may be long: begin its object on the answer's output and write the top of it. What
 * follows goes into the stream, which the caller ends.
 */
void json_answer_begin(const struct answer *a, const char *command, struct json_stream *ret);

/* Print the answer of a command that found out nothing: the top alone, whose notes say why. */
void json_failure(const struct answer *a, const char *command);

#endif
