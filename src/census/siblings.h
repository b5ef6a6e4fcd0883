/* SPDX-License-Identifier: MIT */
/* The order in which a process got its children, which gives adoptions away (BPF source). */
#ifndef CORONER_SIBLINGS_H
#define CORONER_SIBLINGS_H

#include "census/census.h"

/*
 * Set attached_late on every process that stands in its parent's list of children behind one that
 * was born later than itself. The kernel adds the newborn and the adopted alike at the end of that
 * list, so such a process was adopted: proof, but for CLONE_PARENT within 50 ms. The others may have
 * been adopted all the same. Does nothing without BPF. O(n).
 *
 * Source: Linux kernel/fork.c:copy_process(), kernel/exit.c:forget_original_parent(). The list is
 * one thread's: a parent that ever lost a thread (whose children went to the end of another's list)
 * is left out.
 *
 * census_take() calls it, once the index is built.
 */
void census_mark_late(struct census *c);

#endif
