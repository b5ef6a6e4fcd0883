/* SPDX-License-Identifier: MIT */
/* What coroner watch knows: the last look, the one before it, and what happened in between. */
#ifndef CORONER_WATCH_STATE_H
#define CORONER_WATCH_STATE_H

#include "cmd/cases.h"
#include "inspect/pidns.h"
#include "judge/headroom.h"

enum watch_kind {
	WATCH_BORN,    /* a zombie that was none at the look before */
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
	double dead_s;	 /* reaped: from its death to the look that missed it */
	bool dead_exact; /* its time of death is known; else since it was first seen dead */
};

/* One limit over two looks. */
struct watch_limit {
	char *words; /* owned: limit_words() */
	uint64_t current, headroom;
	bool exact;    /* else headroom is a bound from above */
	double growth; /* tasks a second, smoothed */
};

/* When each zombie was first seen dead: what stands for its time of death without BPF. */
struct watch_seen {
	pid_t pid;
	uint64_t start_ticks;
	int64_t since_ns;
};

struct watch {
	struct context *ctx;	    /* borrowed */
	struct cases now;	    /* of the last look */
	struct census *before;	    /* owned; NULL at the first look */
	struct pidns_map pidns;	    /* of the last look */
	struct watch_event *events; /* owned; of the last look */
	size_t n_events, events_cap;
	struct watch_limit *limits; /* owned */
	size_t n_limits, limits_cap;
	long tightest; /* index into limits, -1: none is known */
	double eta_s;  /* until it is hit at its present growth; negative: it does not grow */
	struct watch_seen *seen; /* owned; in PID order */
	size_t n_seen;
	size_t looks, born, reaped, adopted; /* since the start */
	double elapsed_s;		     /* between the last two looks */
	double born_rate, reaped_rate;	     /* a second, smoothed */
};

/* Look once more. Returns 0; or, after complaining, a negative errno. */
int watch_look(struct watch *w);
void watch_done(struct watch *w);

/* How many of a parent's zombies came, or went, with the last look. */
size_t watch_count(const struct watch *w, enum watch_kind kind, pid_t parent);

/* Seconds that a zombie of the last look has been dead; *ret_exact as in struct watch_event. */
double watch_dead_s(const struct watch *w, const struct process *zombie, bool *ret_exact);

#endif
