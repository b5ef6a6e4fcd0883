/* SPDX-License-Identifier: MIT */
/* The parts of the story of coroner explain: sentences about the facts of a case. */
#ifndef CORONER_EXPLAIN_H
#define CORONER_EXPLAIN_H

#include "case/explain/explain_case.h"
#include "words/explain/story.h"

/* "Here: echo THAWED > FILE", where that is known. */
void explain_thaw(const struct thaw *t, struct story *s);

/* "The parent" in the story of a zombie, else "It"; static. */
static inline const char *explain_it(const struct explain_case *e)
{
	return e->zombie ? "The parent" : "It";
}

/* The parts, in their order; each adds sentences to s. */
void explain_who(const struct explain_case *e, struct story *s);
void explain_death(const struct explain_case *e, struct story *s);
void explain_lineage(const struct explain_case *e, struct story *s);
void explain_adoption(const struct explain_case *e, struct story *s);
void explain_own_fate(const struct explain_case *e, struct story *s);
void explain_parent(const struct explain_case *e, struct story *s);
void explain_own_zombies(const struct explain_case *e, struct story *s);
void explain_why(const struct explain_case *e, struct story *s);
void explain_threads(const struct explain_case *e, struct story *s);
void explain_state(const struct explain_case *e, struct story *s);
/* What a process traces that cannot go on. */
void explain_traces(const struct explain_case *e, struct story *s);
void explain_ties(const struct explain_case *e, struct story *s);
void explain_reaper(const struct explain_case *e, struct story *s);
void explain_doing(const struct explain_case *e, struct story *s);
void explain_pipe(const struct explain_case *e, struct story *s);
void explain_masks(const struct explain_case *e, struct story *s);
void explain_nudge(const struct explain_case *e, struct story *s);
void explain_kill(const struct explain_case *e, struct story *s);
void explain_pending(const struct explain_case *e, struct story *s);
void explain_heir(const struct explain_case *e, struct story *s);
void explain_fates(const struct explain_case *e, struct story *s);
void explain_cost(const struct explain_case *e, struct story *s);
/*
 * Who keeps a dying PID namespace waiting, and what lets it end; whether anybody does. The other: whether a terminal
 * stopped the focus, and that it has zombies.
 */
bool explain_members(const struct explain_case *e, struct story *s);
bool explain_terminal(const struct explain_case *e, struct story *s);
/* Where the zombies of an adopter come from, as far as they have it in common. */
void explain_source(const struct explain_case *e, struct story *s);
/* What is left to who may neither end the parent nor change its program. */
void explain_left(const struct explain_case *e, struct story *s);

/* What helps where the parent reads what others hold; returns false where that is no case. */
bool explain_pipe_remedy(const struct explain_case *e, struct story *s);
/* The same for a zombie whose threads live on, by what holds them. */
bool explain_threads_remedy(const struct explain_case *e, struct story *s);
void explain_remedy(const struct explain_case *e, struct story *s);
void explain_unseen(const struct explain_case *e, struct story *s);

/* All of them: the whole story of a case, for that terminal. Free it with story_done(). */
void explain_tell(const struct explain_case *e, const struct terminal *t, struct story *ret);

#endif
