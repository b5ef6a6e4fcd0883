/* SPDX-License-Identifier: MIT */
/* The sentences of `coroner nudge`, used by text and JSON alike. */
#ifndef CORONER_NUDGE_WORDS_H
#define CORONER_NUDGE_WORDS_H

#include "case/acts/attempt.h"

/* Why nothing was sent, or zombies stay; NULL: there is nothing to explain. Owned by the caller. */
char *nudge_reason(const struct attempt *a);

/* What was sent and what that changed; what a rehearsal would send. Owned by the caller. */
char *nudge_sent_words(const struct nudge_result *r);
char *nudge_due_words(const struct nudge_result *r);

/* That there is no parent to nudge; static. */
const char *nudge_nobody(void);

/* Where more is told of a parent that still holds zombies; owned by the caller. */
char *nudge_next(const struct attempt *a);

#endif
