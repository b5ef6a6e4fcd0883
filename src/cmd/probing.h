/* SPDX-License-Identifier: MIT */
/* Probes for the commands that judge reapers (--probe): an experiment outranks inference. */
#ifndef CORONER_PROBING_H
#define CORONER_PROBING_H

#include "act/probe.h"
#include "cmd/cmd.h"
#include "cmd/heirs.h"
#include "inspect/pidns.h"

#define PROBE_TIMEOUT_MS 5000 /* an init that sweeps every other second still passes */

/* One PID namespace to probe, and what came of it. */
struct probing {
	const struct process *in; /* any process of it; NULL: the spot where coroner stands */
	int error;		  /* 0: result is whole; else a negative errno */
	struct probe_result result;
};

/*
 * Probe n PID namespaces side by side, PROBE_TIMEOUT_MS for all of them together. Those that could
 * not be probed have error set and become notes of the context. Gives up the capability to enter
 * namespaces at the end. The adopter of a whole result is the one whose reaps evidence "probe" is
 * tri_of(result.reaped).
 */
void probing_run(struct context *ctx, struct probing *list, size_t n);

/*
 * Probe those PID namespaces of the map whose init is in sight and whose place in wanted is true.
 * Returns *ret_n adopters and whether each reaped, owned by the caller: evidence for heirs.h. What
 * was left behind becomes a note.
 */
struct probed_reaper *probing_reapers(struct context *ctx, const struct pidns_map *map,
				      const bool *wanted, size_t *ret_n);

/*
 * Why a probe failed, as the end of a sentence; owned by the caller. had is what privilege_held()
 * was when it started.
 */
char *probing_failure(int error, enum orphan_step step, uint64_t had);

#endif
