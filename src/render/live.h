/* SPDX-License-Identifier: MIT */
/*
 * A view that is drawn again and again until a signal ends it: on a full screen, or line after line into a pipe.
 * What would end the process comes as a value, so that the terminal is given back first.
 */
#ifndef CORONER_LIVE_H
#define CORONER_LIVE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct live {
	bool screen;	 /* the screen is open */
	int signals;	 /* signalfd(2): readable when one has come */
	sigset_t before; /* the mask to be restored */
	int ended_by;	 /* the signal that ends it; 0: none */
	bool lost;	 /* the screen could not be opened again */
	bool left;	 /* whoever was at the other end of the input or output */
};

/* Block the signals and, where wanted and there is a terminal, open the screen. Returns 0 or a negative errno. */
int live_open(struct live *l, bool screen);
/* Give the terminal and the signals back. A signal that is not the usual way to end, SIGINT, is raised anew. */
void live_close(struct live *l);

/* Take the signal that has come, if any; a stop is obeyed with the terminal as it was before. */
void live_take_signal(struct live *l);

/*
 * Wait for a signal, a key, the end of the reader, or until that time (CLOCK_MONOTONIC; negative: without end).
 * Returns 1 where something came, 0 where nothing did, or a negative errno.
 */
int live_wait(struct live *l, int64_t until_ns);

/* Whether it is to end: a signal came, the screen is lost, or nobody is at the other end. */
static inline bool live_ended(const struct live *l)
{
	return l->ended_by || l->lost || l->left;
}

#endif
