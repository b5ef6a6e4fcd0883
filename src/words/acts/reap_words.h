/* SPDX-License-Identifier: MIT */
/* The sentences of `coroner reap`, used by text and JSON alike. */
#ifndef CORONER_REAP_WORDS_H
#define CORONER_REAP_WORDS_H

#include "case/acts/reaping.h"

/* Why the parent is left alone, or why not all was done; NULL: there is nothing to explain. held: the
 * capabilities that coroner was started with. Owned by the caller. */
char *reap_reason(const struct reaping *r, uint64_t held);

/* The same of a rehearsal alone that was not REAP_ALLOWED; owned by the caller. */
char *reap_refusal_words(const struct reap_result *r, uint64_t held);

/* Why a zombie is left; owned by the caller. */
char *reap_why_left(const struct reaping *r, const struct reap_left *left, uint64_t held);

/* "thread 7 in epoll_wait, which is made to wait anew": who stands still, and what it notices; owned. */
char *reap_by_whom(const struct reap_result *r);

/* How its call goes on, a token for JSON; static. */
const char *reap_resume_name(enum resume resume);

/* The call that comes back with EINTR, or "none"; in a rehearsal the one that would. Static. */
const char *reap_interrupted_name(const struct reap_result *r, bool rehearsed);

/* "coroner reap 7 clears ... now; the cause stays"; NULL where it would not help. Owned by the caller. */
char *reap_hint(const struct parent_case *p, bool nudged);

/* The same of n parents, of which so many are named; n is at least 1. Owned by the caller. */
char *reap_hint_for(const pid_t *pids, size_t n_named, size_t n);

/* What the zombies that may be taken are: "adopted", "of a program that it ran before"; owned. */
char *reap_whose(const struct reaping *r);

/* For how long the thread stood still; owned by the caller. */
char *reap_still(const struct reap_result *r);

/* What a rehearsal would do; owned by the caller. */
char *reap_due(const struct reaping *r);

/* Of those that were to be taken and were not there any more; that there is no parent to begin with. Static. */
const char *reap_gone_words(void);
const char *reap_nobody(void);

#endif
