/* SPDX-License-Identifier: MIT */
/* The sentence of each remark. */
#ifndef CORONER_REMARKS_WORDS_H
#define CORONER_REMARKS_WORDS_H

#include "case/remarks.h"

/* One sentence without a full stop; what it quotes is raw and untrusted; owned by the caller. */
char *remark_words(const struct remark *r);

#endif
