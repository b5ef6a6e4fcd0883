/* SPDX-License-Identifier: MIT */
/* Why a probe was not made, or told nothing: words/acts/probe_words.c has a sentence for each. */
#ifndef CORONER_PROBE_TROUBLE_H
#define CORONER_PROBE_TROUBLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "act/enter/inside.h"

struct probe_trouble {
	enum {
		PROBE_NO_TROUBLE,
		PROBE_FAILED,		  /* error, step, may_enter */
		PROBE_OF_SUBREAPER,	  /* pid is one: only what is started below it can ask */
		PROBE_OF_SUBREAPER_MAYBE, /* the same, as far as is known */
		PROBE_LEFTOVER, /* pid, which would adopt, still holds zombie of an earlier one */
		PROBE_ADOPTER_ENDED,
		PROBE_ADOPTER_THERE_ENDED,
	} kind;
	int error; /* negative errno */
	enum inside_step step;
	bool may_enter; /* it had the rights to enter a PID namespace at all */
	pid_t pid, zombie;
};

#endif
