/* SPDX-License-Identifier: MIT */
/* What coroner itself may do here: for a report, or to see what is missing. */
#ifndef CORONER_ITSELF_H
#define CORONER_ITSELF_H

#include "case/sight.h"

struct itself {
	bool verbose;		   /* all of this was asked for, else nothing but the version */
	uint64_t rights;	   /* effective capabilities as it was started */
	bool has_source;	   /* a census could be taken */
	enum census_source source; /* which one was then, of itself */
	struct bpf_failure failure; /* why it was not BPF; BPF_USABLE: it was, or that is not known */
};

/*
 * With ret->verbose fill the rest: takes a census for it, whatever source the options name. A tree that
 * cannot be opened leaves ret without a source. Nothing to free.
 */
void itself_collect(const struct sight *sight, struct itself *ret);

#endif
