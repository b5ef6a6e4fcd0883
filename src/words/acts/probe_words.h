/* SPDX-License-Identifier: MIT */
/* The sentences of `coroner probe`. */
#ifndef CORONER_PROBE_WORDS_H
#define CORONER_PROBE_WORDS_H

#include "act/enter/probe.h"
#include "case/acts/probe_trouble.h"

/* Why a probe was not made, or told nothing, as the end of a sentence; NULL: it did. Owned by the caller. */
char *probe_trouble_words(const struct probe_trouble *t);

/* "an orphan made there is adopted by process 7 (init), PID 1 inside": comm is printable; owned. */
char *probe_adopter_words(const struct probe_result *r, const char *comm);

/* What that one does with it: "reaps it at once"; owned by the caller. */
char *probe_fate_words(const struct probe_result *r, uint64_t timeout_ms);

/* That a zombie is left; owned by the caller. */
char *probe_left_words(pid_t zombie);

#endif
