/* SPDX-License-Identifier: MIT */
/*
 * Who inherits from one process, for the commands that speak of it: gathers the evidence, has the
 * rule judged (judge/reaper.h), and looks at the heir.
 */
#ifndef CORONER_HEIRS_H
#define CORONER_HEIRS_H

#include "case/heirs/hangups.h"
#include "case/heirs/reapers.h"
#include "inspect/pidns.h"
#include "judge/reaper.h"

/* A reaper that an experiment in this run was made on: reaps evidence, the strongest. */
struct probed_reaper {
	pid_t pid;
	enum tri reaped;
};

/* What all answers about one census share. */
struct heirs {
	const struct census *c; /* borrowed */
	struct adoptions adoptions;
	struct pidns_map map;
	unsigned kernel;	      /* KERNEL() of the running one; 0: not known */
	uint64_t own_pidns;	      /* inode of coroner's own PID namespace; 0: not known */
	struct probed_reaper *probed; /* owned; set by whoever has probed, else NULL */
	size_t n_probed;
	struct reaper_view **views; /* owned; reapers that were looked at already */
	size_t n_views, views_cap;
};

struct child_case;

/* One process that is to end, and who inherits from it. */
struct heir_case {
	const struct process *process; /* borrowed */
	struct details details;
	struct heir heir;
	const struct process *heir_process; /* borrowed; NULL: nobody, or out of sight */
	struct reaper_view *view; /* of the heir; borrowed from struct heirs; NULL: none, or gone */
	const struct process **ancestors;   /* owned; the parent first */
	struct ancestor_evidence *evidence; /* owned; parallel to ancestors */
	size_t n_ancestors;
	bool init_untold; /* the heir is the init, and who that is is not known */
	bool kills;	  /* it is an init: its namespace dies with it */
	size_t n_killed;  /* the living in it and in those nested in it, without itself */
	struct hangups hangups;
	struct child_case
		*children; /* owned; once fates_collect() was called, in the order of the census */
	size_t n_children;
};

/* Judge the adoptions and sort the PID namespaces of a census; c must outlive it. */
void heirs_prepare(const struct census *c, struct heirs *ret);
void heirs_done(struct heirs *h);

/*
 * Look at one process and at the one that would inherit from it.
 * Returns 0, ret then freed with heir_case_done(); -ESRCH: it is gone; -ENODATA: whether it is an init itself cannot
 * be read; or another negative errno.
 */
int heirs_look(struct sight *sight, struct heirs *h, const struct process *p,
	       struct heir_case *ret);
/* Read the command lines of the process and of its heir. */
void heir_case_read_cmdlines(const struct heirs *h, struct heir_case *k);
void heir_case_done(struct heir_case *k);

/*
 * Whether it is a reaper: the init of a PID namespace or one that may be it (*ret_inferred then: struct pidns,
 * untold); a subreaper, as the kernel says or, without BPF, as a child shows that it adopted (*ret_inferred then).
 * HEIR_NONE for neither.
 */
enum heir_rule heirs_kind(const struct heirs *h, const struct process *p, bool *ret_inferred);

/* Remark of how many PID namespaces, of those shown by their index (NULL: of all), it is not known who the init is. */
void heirs_note_untold(struct sight *sight, const struct pidns_map *map, const bool *shown);

/* Whether that reaper was probed in this run, and did reap. */
enum tri heirs_probed(const struct heirs *h, const struct process *reaper);

#endif
