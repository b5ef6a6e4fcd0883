/* SPDX-License-Identifier: MIT */
/* What signals would do, by which rule, and what their masks are typical of. */
#ifndef CORONER_SIGNALS_WORDS_H
#define CORONER_SIGNALS_WORDS_H

#include "case/signals/signal_targets.h"

/* A sentence about what its masks are typical of, or NULL; static. Inferred. */
const char *signals_hint(const struct signal_view *v);

/* The rule that an outcome follows from, a sentence without a full stop; static. */
const char *signal_why(enum signal_why why);

/* "until it is thawed"; NULL: at once, or nobody knows; static. */
const char *signal_when(enum signal_when when);

/* "dies", as JSON has it; "ends it", in a table; "ends it", as the verb of a sentence. Static. */
const char *signal_effect_name(enum signal_effect effect);
const char *signal_effect_brief(enum signal_effect effect);
const char *signal_effect_does(enum signal_effect effect);

/* What a thread in sigtimedwait takes: names of signals, NULL for what is not known; owned by the caller. */
char *signal_awaited_words(pid_t tid, const char *names);

/* That a pending signal will end it; owned by the caller. */
char *signal_fatal_words(int signal);

/* What a handler for SIGCHLD does not mean; static. */
const char *signal_handled_words(void);

#endif
