/* SPDX-License-Identifier: MIT */
/* What coroner watch knows: the last look, the one before it, and what happened in between. */
#ifndef CORONER_WATCH_STATE_H
#define CORONER_WATCH_STATE_H

#include "case/zombies/cases.h"
#include "case/watch/watch_limits.h"
#include "inspect/pidns.h"

enum { WATCH_MOST_RECENT = 32 };

enum watch_kind {
	WATCH_FOUND,   /* a zombie that was there at the first look */
	WATCH_DIED,    /* a zombie that was none at the look before */
	WATCH_REAPED,  /* a zombie that is gone */
	WATCH_ADOPTED, /* a process, dead or alive, whose parent has changed */
};

struct watch_event {
	enum watch_kind kind;
	int64_t at_ns;		/* CLOCK_BOOTTIME of the look that saw it */
	struct process process; /* a copy: as of the last time that it was seen */
	struct process parent;	/* a copy; pid 0: not in sight. Of one reaped: its last parent */
	bool parent_ended;	/* reaped, and that parent is gone too: by it, or by its heir */
	bool exit_known;
	double dead_s; /* reaped: from its death to the look that missed it; found: until then */
	bool dead_exact; /* its time of death is known; else since it was first seen dead or, found, born */
};

/* When each zombie was first seen dead: what stands for its time of death without BPF. */
struct watch_seen {
	pid_t pid;
	int64_t start_ticks;
	int64_t since_ns;
};

struct watch {
	struct sight *sight;	/* borrowed */
	bool tells_found;	/* the zombies of the first look are events, too */
	bool each_zombie;	/* each is looked at closely, not a sample of those of a parent */
	struct cases now;	/* of the last look */
	struct census *before;	/* owned; NULL at the first look */
	struct pidns_map pidns; /* of the last look */
	struct watch_event *events; /* owned; of the last look */
	size_t n_events, events_cap;
	struct watch_event recent[WATCH_MOST_RECENT]; /* of all looks, oldest first */
	size_t n_recent;
	struct watch_limits limits; /* of the last look */
	struct watch_seen *seen;    /* owned; in PID order */
	size_t n_seen;
	size_t looks, died, reaped, adopted; /* since the start */
	double elapsed_s;		     /* between the last two looks */
	double died_rate, reaped_rate;	     /* a second, smoothed */
};

/*
 * Look once more: the census, the cases in it, what happened since the look before, the limits. w is zeroed but
 * for what was asked for at the first look, and freed with watch_done() in the end. Returns 0; or a negative errno,
 * and why is among the problems.
 */
int watch_look(struct watch *w);
void watch_done(struct watch *w);

/* How many of a parent's zombies came, or went, with the last look. */
size_t watch_count(const struct watch *w, enum watch_kind kind, pid_t parent);

/* Seconds that a zombie of the last look has been dead; *ret_exact as in struct watch_event. */
double watch_dead_s(const struct watch *w, const struct process *zombie, bool *ret_exact);

#endif
