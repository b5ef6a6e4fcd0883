/* SPDX-License-Identifier: MIT */
/* Who inherits, in words: by what rule, whether the heir reaps, what becomes of the children. */
#ifndef CORONER_HEIR_WORDS_H
#define CORONER_HEIR_WORDS_H

#include "case/heirs/fates.h"
#include "judge/reaper.h"
#include "render/terminal.h"

/* By what rule: one sentence without a full stop; holds no foreign text; owned by the caller. */
char *heir_why(const struct heir *heir);

/* "If 12 (sh) ends, 1 (init) inherits (inferred)"; owned by the caller. */
char *heir_headline(const struct terminal *t, const struct heir_case *k);

/* Why the heir reaps or not; where there is none, what happens instead. Owned by the caller. */
char *heir_outcome(const struct heir_case *k);

/* Whether the heir reaps; UNKNOWN where there is none. */
enum tri heir_reaps(const struct heir_case *k);

/* "Children: 3: 2 adopted, 1 killed"; owned by the caller. */
char *heir_fates(const struct heir_case *k);

/* That a table left out n children; owned by the caller. */
char *heir_more_words(size_t n);

#endif
