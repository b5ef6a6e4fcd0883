/* SPDX-License-Identifier: MIT */
/* One case of coroner explain, and the parts of its story. */
#ifndef CORONER_EXPLAIN_H
#define CORONER_EXPLAIN_H

#include "cmd/cases.h"
#include "cmd/heirs.h"
#include "cmd/limits.h"
#include "cmd/signal_targets.h"
#include "cmd/story.h"

enum explain_kind {
	EXPLAIN_ZOMBIE,
	EXPLAIN_PARENT, /* it holds zombies */
	EXPLAIN_REAPER, /* an init or subreaper without zombies */
	EXPLAIN_ORPHAN, /* adopted, and none of the above */
	EXPLAIN_OTHER,
};

struct explain_case {
	struct context *ctx; /* borrowed, as the next three */
	const struct census *c;
	const struct cases *cases;
	struct heirs *heirs;
	enum explain_kind kind;
	const struct process *subject; /* borrowed from the census */
	struct details details;	       /* of the subject */
	struct parent_case *parent; /* borrowed: the parent of the zombie, the subject itself, NULL */
	const struct zombie_case *zombie; /* borrowed; NULL: the subject is none */
	struct parent_case own; /* what stands for parent where the subject holds no zombies */
	struct verdict verdict; /* valid with parent: on the zombie, or on the parent */
	struct heir_case heir;	/* who inherits from the focus; valid when has_heir */
	bool has_heir;
	struct reaper_view reaper; /* of a subject that is one; valid when is_reaper */
	bool is_reaper;
	bool reaper_inferred;
	/* borrowed: the subject or the focus, an init that is being torn down with its PID namespace;
	 * NULL: neither is one */
	const struct process *dying;
	struct signal_view signals; /* of the focus; valid when has_signals */
	bool has_signals;
	struct limit_case cost; /* of the focus; valid when has_cost */
	bool has_cost;
	struct story story;
};

/* The process that the story is about in the end: the parent of a zombie, else the subject. */
const struct parent_case *explain_focus(const struct explain_case *e);

/* Whether the focus is being torn down: what it was in and did with signals is past. */
static inline bool explain_focus_dying(const struct explain_case *e)
{
	return e->dying && e->dying == explain_focus(e)->process;
}

/* "The parent" in the story of a zombie, else "It"; static. */
static inline const char *explain_it(const struct explain_case *e)
{
	return e->zombie ? "The parent" : "It";
}

/* The parts, in their order; each adds sentences to e->story. */
void explain_who(struct explain_case *e);
void explain_death(struct explain_case *e);
void explain_lineage(struct explain_case *e);
void explain_adoption(struct explain_case *e);
void explain_parent(struct explain_case *e);
void explain_own_zombies(struct explain_case *e);
void explain_why(struct explain_case *e);
void explain_state(struct explain_case *e);
void explain_ties(struct explain_case *e);
void explain_reaper(struct explain_case *e);
void explain_doing(struct explain_case *e);
void explain_masks(struct explain_case *e);
void explain_nudge(struct explain_case *e);
void explain_kill(struct explain_case *e);
void explain_pending(struct explain_case *e);
void explain_heir(struct explain_case *e);
void explain_cost(struct explain_case *e);
void explain_remedy(struct explain_case *e);
void explain_unseen(struct explain_case *e);

/* {"headroom", "exact", "binding"}, or null; a new reference. */
json_t *explain_cost_json(const struct explain_case *e);

#endif
