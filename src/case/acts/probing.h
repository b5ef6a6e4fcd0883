/* SPDX-License-Identifier: MIT */
/* Probes for the commands that judge reapers (--probe): an experiment outranks inference. */
#ifndef CORONER_PROBING_H
#define CORONER_PROBING_H

#include "act/enter/probe.h"
#include "case/scope.h"
#include "case/sight.h"
#include "case/heirs/heirs.h"
#include "case/acts/probe_trouble.h"
#include "inspect/pidns.h"

#define PROBE_TIMEOUT_MS 5000 /* an init that sweeps every other second still passes */

/*
 * What speaks against a probe of the spot of in (NULL: where coroner stands): in is a subreaper, whose
 * spot only those below it can ask; or, unless force, a zombie that looks like an earlier probe's (one of
 * coroner's name that was adopted) is still with the one who would adopt. c should be settled.
 */
struct probe_trouble probing_objection(struct sight *sight, const struct census *c,
				       const struct process *in, bool force);

/*
 * The init of the one PID namespace that processes of the scope live in. Returns 0 and a process borrowed
 * from the census; or -ESRCH, and why is among the problems: there is none, several, or no init in sight.
 */
int probing_spot(struct sight *sight, const struct census *c, const struct scope *scope,
		 const struct process **ret);

/* One PID namespace to probe, and what came of it. */
struct probing {
	const struct process *in; /* any process of it, of the census */
	int error;		  /* 0: result is whole; else a negative errno */
	struct probe_result result;
};

/*
 * Probe n PID namespaces of the census side by side, PROBE_TIMEOUT_MS for all of them together. Those
 * that could not be probed, and those where that is refused (case/acts/entering.h), have error set and become
 * notes of the sight. One whose init still holds what an earlier probe left is not probed again: that
 * is the answer. Gives up the capability to enter namespaces at the end. The adopter of a whole result is the one whose reaps evidence "probe" is
 * result.reaps.
 */
void probing_run(struct sight *sight, const struct census *c, const struct pidns_map *map,
		 const struct adoptions *adoptions, struct probing *list, size_t n);

/*
 * Probe those PID namespaces of its map whose init is in sight and whose place in wanted is true.
 * Returns *ret_n adopters and whether each reaped, owned by the caller: evidence for heirs.h. What
 * was left behind becomes a note.
 */
struct probed_reaper *probing_reapers(struct sight *sight, const struct heirs *h,
				      const bool *wanted, size_t *ret_n);

/* Why a probe failed. had is what rights_held() was when it started. */
struct probe_trouble probing_failure(int error, enum inside_step step, uint64_t had);

#endif
