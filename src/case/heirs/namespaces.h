/* SPDX-License-Identifier: MIT */
/* Every PID namespace in sight, and whether its init reaps. */
#ifndef CORONER_NAMESPACES_H
#define CORONER_NAMESPACES_H

#include "case/heirs/reapers.h"
#include "case/sight.h"
#include "inspect/pidns.h"

/* One namespace with all that is shown of it. */
struct namespace_row {
	const struct pidns *ns; /* borrowed */
	size_t orphans;
	bool has_init;
	struct reaper_view init; /* valid when has_init */
	uint64_t pid_max;	 /* 0: not known */
};

struct namespaces {
	struct census *census; /* owned, as the rest */
	struct pidns_map map;
	struct adoptions adoptions;
	struct namespace_row *list; /* outermost first */
	size_t n;
};

/*
 * Look, and list the PID namespaces of the scope; with probe an orphan is made in each, whose fate
 * outranks inference. ret must be zeroed; free it with namespaces_done(), also after an error. What
 * could not be seen becomes a note. Returns 0; or a negative errno, and why is among the problems.
 */
int namespaces_collect(struct sight *sight, bool probe, struct namespaces *ret);
void namespaces_done(struct namespaces *n);

/* Whether its init is being torn down with it. */
static inline bool namespace_is_dying(const struct namespace_row *row)
{
	return row->has_init && row->init.dying;
}

/* Whether its init reaps; not known of one that is not in sight. */
static inline enum tri namespace_reaps(const struct namespace_row *row)
{
	return row->has_init ? row->init.reaps.answer : TRI_UNKNOWN;
}

#endif
