/* SPDX-License-Identifier: MIT */
#include "words/explain/explain.h"

void explain_tell(const struct explain_case *e, const struct terminal *t, struct story *s)
{
	*s = (struct story){ .terminal = t };
	explain_who(e, s);
	explain_why(e, s);
	explain_remedy(e, s);
	if (!e->parent || !e->parent->n_zombies)
		(void)(explain_members(e, s) || explain_terminal(e, s));
	explain_pending(e, s);
	explain_death(e, s);
	explain_adoption(e, s);
	explain_own_fate(e, s);
	explain_parent(e, s);
	explain_own_zombies(e, s);
	explain_threads(e, s);
	explain_state(e, s);
	explain_traces(e, s);
	explain_ties(e, s);
	explain_reaper(e, s);
	explain_doing(e, s);
	explain_pipe(e, s);
	explain_masks(e, s);
	explain_nudge(e, s);
	explain_kill(e, s);
	explain_heir(e, s);
	explain_fates(e, s);
	explain_cost(e, s);
	explain_left(e, s);
	explain_lineage(e, s);
	explain_unseen(e, s);
}
