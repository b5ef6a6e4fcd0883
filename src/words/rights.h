/* SPDX-License-Identifier: MIT */
/* What each capability is good for here. */
#ifndef CORONER_RIGHTS_WORDS_H
#define CORONER_RIGHTS_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/capability.h>

struct rights_use {
	cap_value_t cap;
	const char *shows; /* what it would show or allow, the end of a sentence */
};

/* All capabilities that any command has a use for. */
extern const struct rights_use rights_uses[];
extern const size_t rights_n_uses;

/* What becomes of those that are held (base/rights.h), static; NULL where there are none. */
const char *rights_kept_words(uint64_t held);

#endif
