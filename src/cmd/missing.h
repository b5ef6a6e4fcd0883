/* SPDX-License-Identifier: MIT */
/* What could not be seen, and the right that would have shown it, as notes. */
#ifndef CORONER_MISSING_H
#define CORONER_MISSING_H

#include "cmd/cases.h"

/* Note what was refused while the cases were looked at, one line a missing right. */
void missing_note(struct context *ctx, const struct cases *cases);

/* The same for refusals counted elsewhere: denied is a set of enum details_want, n processes. */
void missing_note_denied(struct context *ctx, unsigned denied, size_t n);

#endif
