/* SPDX-License-Identifier: MIT */
/* One process looked at as the target of signals: everything that judge/signals.h wants to know. */
#ifndef CORONER_SIGNAL_TARGETS_H
#define CORONER_SIGNAL_TARGETS_H

#include "case/sight.h"
#include "inspect/details.h"
#include "inspect/fds/signalfd.h"
#include "judge/signals.h"

struct signal_view {
	struct details details;
	struct signal_target target;
	struct signal_thread *threads; /* owned: the target's */
	struct signalfd *signalfds;    /* owned */
	size_t n_signalfds;
	bool signalfds_known;
};

/*
 * Look at one process of the census. Returns 0, ret then freed with signal_view_done(); -ESRCH when
 * it is gone, -ENOENT when proc hides it, -EACCES when not even its masks can be read, -ENODATA when they could not be
 * read for another reason.
 */
int signal_view_read(struct sight *sight, const struct census *c, const struct process *p,
		     struct signal_view *ret);
void signal_view_done(struct signal_view *v);

#endif
