/* SPDX-License-Identifier: MIT */
/* Stopped by its terminal: SIGCONT alone does not help, for it wants what the terminal does not give it. */
#include "words/explain/explain.h"

bool explain_terminal(const struct explain_case *e, struct story *s)
{
	const struct parent_case *p = explain_focus(e);

	if (e->wish == TERMINAL_NOTHING)
		return false;
	story_tell(
		s, e->parent && e->parent->n_zombies ? "remedy" : "state",
		"Bring %s to the foreground of its terminal (fg in the shell there), or end it: its terminal stopped it because it wants %s from the background, and kill -CONT alone stops it again at once.",
		e->zombie ? "the parent" : "it",
		e->wish == TERMINAL_READ ? "to read from it" : "to write to it or to set it up");
	story_evidence(
		s, false,
		"/proc/%d/stat: process group %d is in the foreground there, and it is of group %d",
		p->process->pid, e->terminal.foreground, p->process->pgrp);
	return e->parent && e->parent->n_zombies;
}
