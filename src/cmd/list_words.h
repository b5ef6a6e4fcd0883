/* SPDX-License-Identifier: MIT */
/* What `coroner list` says of a parent in words: what it holds, and where it runs. */
#ifndef CORONER_LIST_WORDS_H
#define CORONER_LIST_WORDS_H

#include "cmd/cases.h"

/* "chrome ×903, sh ×2": the zombies of a parent by command, most first; owned by the caller. */
char *list_held(const struct context *ctx, const struct parent_case *p);

/* " in docker:3f2a1b9c4d5e, pod UID": where the parent runs, "" in no container; owned by the caller. */
char *list_where(const struct context *ctx, const struct parent_case *p);

#endif
