/* SPDX-License-Identifier: MIT */
/* What a census was taken from, and why not from another source. */
#ifndef CORONER_SOURCE_WORDS_H
#define CORONER_SOURCE_WORDS_H

#include "census/census.h"

/* Why BPF could not be used; owned by the caller. */
char *bpf_failure_words(const struct bpf_failure *f);

/*
 * Which source is taken, NULL: none, and why not BPF, where failure has a cause; owned by the caller.
 */
char *source_taken_words(const enum census_source *source, const struct bpf_failure *failure);

/* That no orphan was found among how many, and by which source; owned by the caller. */
char *none_adopted_words(const struct census *c);

#endif
