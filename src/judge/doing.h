/* SPDX-License-Identifier: MIT */
/* What the threads of a parent are doing, as far as it decides who reaps: pure questions to evidence. */
#ifndef CORONER_DOING_H
#define CORONER_DOING_H

#include "judge/verdict.h"

/*
 * Whether the wait of a thread takes this zombie, whose exit signal is SIGCHLD. Source: Linux v6.18
 * kernel/exit.c:eligible_child(), do_wait_thread(), wait_consider_task().
 */
bool doing_takes(const struct thread_evidence *t, const struct zombie_evidence *z);

/* Whether a thread of it, or it as a whole, is in that state of /proc. */
bool doing_any_in(const struct parent_evidence *p, char state);

/* Whether a thread waits for whatever child dies next, an adopted one included. */
bool doing_waits_for_any(const struct parent_evidence *p);

/* A thread that waits for one process that is not z; borrowed, NULL: none does. */
const struct thread_evidence *doing_waits_for_other(const struct parent_evidence *p,
						    const struct zombie_evidence *z);

/* A thread in sigtimedwait(2), best one for SIGCHLD; borrowed, NULL: none is. */
const struct thread_evidence *doing_waits_for_signal(const struct parent_evidence *p);

/*
 * Whether the parent cannot run by itself any more: all of its threads sleep, and neither time nor what others
 * send nor the end of a child of it wakes one, as far as can be seen.
 */
bool doing_is_idle(const struct parent_evidence *p);

/*
 * Whether a parent has had its chance to take a zombie that it has let lie, so that it will not take it later
 * either: nothing wakes it and the zombie is dead for long enough (settled: it outlived a settle time that says
 * so), or it ran since, has never waited for a child, and the zombie is long overdue.
 */
bool doing_has_let_lie(const struct parent_evidence *p, const struct zombie_evidence *z,
		       bool settled);

/* Whether what some thread does could not be read, or it is on a CPU or held up. */
bool doing_is_unknown(const struct parent_evidence *p);

/*
 * Whether a thread may sit in a wait for SIGCHLD that could not be read: the masks would not show it
 * (Linux kernel/signal.c:do_sigtimedwait()). One on a CPU sits in none.
 */
bool doing_may_take_signals(const struct parent_evidence *p);

#endif
