/* SPDX-License-Identifier: MIT */
/* What `coroner list` says of a parent in words: what it holds, and where it runs. */
#ifndef CORONER_LIST_WORDS_H
#define CORONER_LIST_WORDS_H

#include "case/zombies/listing.h"
#include "render/terminal.h"

/* "chrome ×903, sh ×2": the zombies of a parent by command, most first; owned by the caller. */
char *list_held(const struct terminal *t, const struct parent_case *p);

/* " in docker:3f2a1b9c4d5e, pod UID": where the parent runs, "" in no container; owned by the caller. */
char *list_where(const struct terminal *t, const struct parent_case *p);

/* "3 zombies under 2 parents, 1 of them not shown; 140 processes seen through BPF"; owned by the caller. */
char *list_totals(const struct listing *l);

/* What the "?" behind a verdict means, and what would prove more unless a settle time was waited for; static. */
const char *list_legend(bool settled);

#endif
