/* SPDX-License-Identifier: MIT */
/*
 * Who keeps a parent from coming to its wait: it reads a pipe or a socket first, and others hold the end
 * that it reads from (`out=$(job)` whose job left something behind).
 */
#ifndef CORONER_HOLDERS_H
#define CORONER_HOLDERS_H

#include "census/census.h"
#include "inspect/details.h"
#include "inspect/fds/fds.h"
#include "inspect/fds/reading.h"

#define HOLDERS_MOST 4 /* that are named of one end */

struct holder {
	const struct process *process; /* borrowed from the census */
	int fd;
	bool related; /* young enough to be what a zombie of the parent left behind */
};

/* One descriptor that the parent waits on, and the processes that hold its other end. */
struct held_end {
	int fd;
	struct fd_link link;
	bool own; /* the parent holds the other end itself */
	struct holder list[HOLDERS_MOST];
	size_t n; /* may be more than the list holds */
};

struct holders {
	struct reading reading;
	struct held_end *
		ends; /* owned; those of reading.fds whose other end somebody else holds, or it alone */
	size_t n;
	bool all;      /* every descriptor that it waits on is such a one */
	bool complete; /* everybody was looked at */
};

/*
 * Find the first thread of the parent that sleeps on such a descriptor. Who may be left behind by a zombie
 * is looked at first, then the others, until a bound of descriptors is reached (complete then becomes
 * false, as where one could not be looked at). Its own wake-up pipes count for nothing: a pipe that
 * it polls and holds both ends of, or one that a handler or another thread of it, or who opens it by its name, may
 * write to.
 * parent: with WANT_THREADS and WANT_DOING. Returns whether there is one; ret is freed with holders_done().
 */
bool holders_find(const struct census *c, const struct process *parent, const struct details *d,
		  struct holders *ret);
void holders_done(struct holders *h);

/*
 * Whether the only thread of a parent sleeps on a pipe or a socket that it reads, or polls nothing but pipes:
 * cheap, who holds the other end is not looked for. d: as above.
 */
bool holders_reads(const struct census *c, const struct process *parent, const struct details *d);

/* Whether the parent has a copy of such an end itself beside others: it is not closed when those have ended. */
bool holders_kept(const struct holders *h);

/* The first that is named: a related one, if there is; NULL: the parent alone holds the other end. */
const struct holder *holders_first(const struct holders *h);

#endif
