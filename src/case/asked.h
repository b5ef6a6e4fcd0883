/* SPDX-License-Identifier: MIT */
/* A process that was asked for by its number: found, or refused in the same words by every command. */
#ifndef CORONER_ASKED_H
#define CORONER_ASKED_H

#include "case/scope.h"

/* Whose thread has that number: its process, which a note then says; or pid, where it is a process or nothing. */
pid_t asked_process(struct sight *sight, pid_t pid);

/*
 * The process of that PID in the census, or the one whose thread has that number; scope NULL: wherever
 * it is. Returns 0 and a process borrowed from the census; or -ESRCH, and why is among the problems:
 * there is none, proc hides it, it was just born, or the scope does not hold it.
 */
int asked_find(struct sight *sight, const struct census *c, const struct scope *scope, pid_t pid,
	       const struct process **ret);

#endif
