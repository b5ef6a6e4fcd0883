/* SPDX-License-Identifier: MIT */
/*
 * The rules of the verdicts, one each: pure, and for the table in verdict.c alone. A rule that fits
 * returns true and has set the reason; it may have changed what the row says (certainty, nudge, remedy)
 * and added the numbers of the case.
 */
#ifndef CORONER_RULES_H
#define CORONER_RULES_H

#include "judge/verdict.h"

/* One zombie before its judge: what every rule gets. */
struct matter {
	const struct parent_evidence *parent;
	const struct zombie_evidence *zombie;
	struct verdict *verdict;
};

/* The answer of a rule that fits; doubtful: it is likely only. */
static inline bool fits(struct matter *m, enum verdict_reason reason, bool doubtful)
{
	m->verdict->reason = reason;
	if (doubtful)
		m->verdict->certainty = CERTAINTY_LIKELY;
	return true;
}

/* What holds the zombie or its parent: rules_held.c. */
bool rule_threads_alive(struct matter *m);
bool rule_traced(struct matter *m);
bool rule_namespace_dying(struct matter *m);
bool rule_parent_stopped(struct matter *m);
bool rule_parent_frozen(struct matter *m);
bool rule_parent_uninterruptible(struct matter *m);

/* What a parent that may run does not do: rules.c. */
bool rule_clone_child(struct matter *m);
bool rule_in_flight(struct matter *m);
bool rule_unfit_init(struct matter *m);
bool rule_parent_replaced(struct matter *m);
bool rule_waits_for_other(struct matter *m);
bool rule_sigchld_blocked(struct matter *m);
bool rule_sigchld_ignored(struct matter *m);
bool rule_sigchld_default(struct matter *m);
bool rule_sigchld_caught(struct matter *m);
bool rule_unknown(struct matter *m);

#endif
