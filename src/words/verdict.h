/* SPDX-License-Identifier: MIT */
/* The names of verdicts, and the sentences: why it is so, what helps, why a nudge does not. */
#ifndef CORONER_VERDICT_WORDS_H
#define CORONER_VERDICT_WORDS_H

#include "judge/verdict.h"

/* The name as it stands in coroner(1), "sigchld-default"; static. */
const char *verdict_name(enum verdict_code code);

/* "proven" or "likely"; static. */
const char *certainty_name(enum certainty certainty);

/* "useless", "may-help" or "unknown"; static. */
const char *nudge_name(enum nudge nudge);

/* One sentence that names the evidence, without a full stop; holds no foreign text; owned by the caller. */
char *verdict_why(const struct verdict *v);

/* Why a nudge does nothing to that parent, static. */
const char *useless_words(enum nudge_useless useless, const struct parent_evidence *parent);

#endif
