/* SPDX-License-Identifier: MIT */
/* Whom explain is asked about: by number, by name, or by what the scope leaves. */
#ifndef CORONER_WHO_H
#define CORONER_WHO_H

#include "case/zombies/cases.h"

enum {
	WHO_MOST_PARENTS = 8, /* of a scope, whose stories are told */
	WHO_MOST_LISTED = 8,  /* of one name, that are listed to choose from */
};

struct who {
	struct cases_about about; /* for cases_collect_about() */
	char **words;		  /* borrowed: n of them, each a PID or the name of a program */
	size_t n;
	pid_t *pids; /* owned; in the order of the words */
	size_t n_pids, cap;
	bool failed; /* one of the words names nobody, or several */
};

/*
 * Prepare to look for them; words are borrowed. A word of digits is a PID or the number of a thread (then its
 * process is meant, and a note says so). Any other is a name: it must be the whole comm (proc_pid_comm(5), 15
 * bytes at most) of one living process in scope; where none lives, of one zombie. Several are a problem that lists
 * them. No words: the inits in scope of the PID namespaces that begin there, then the parents of zombies in scope,
 * those with the most first; where there is neither, the first process of the scope.
 * Looking returns 0, or -ESRCH, and why is among the problems. Free with who_done().
 */
void who_prepare(char **words, size_t n, struct who *ret);
void who_done(struct who *w);

#endif
