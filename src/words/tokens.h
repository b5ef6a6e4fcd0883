/* SPDX-License-Identifier: MIT */
/*
 * The fixed words for what is one of a few: the same in text, JSON and OpenMetrics (coroner-json(5)).
 * All are static, and none is ever NULL but where it says so.
 */
#ifndef CORONER_TOKENS_H
#define CORONER_TOKENS_H

#include "census/census.h"
#include "judge/adoption.h"
#include "judge/reaper.h"
#include "judge/verdict.h"

/* "bpf", "procfs" */
const char *source_token(enum census_source source);
/* The same within a sentence: "BPF", "procfs". */
const char *source_name(enum census_source source);
/* "proven", "likely" */
const char *proven_token(bool proven);
/* "kernel", "inferred": how it is known who inherits, or who is a reaper. */
const char *kernel_token(bool by_kernel);
/* "default", "ignored", "caught" */
const char *sigchld_token(enum sigchld_disposition disposition);
/* "session", "process-group", "exec-id", ...; the one that is NULL: nobody asked */
const char *adoption_sign_token(enum adoption_sign sign);
/* "yes", "no", "unknown" */
const char *reaps_name(enum tri answer);
/* "none", "subreaper", "init" */
const char *heir_rule_name(enum heir_rule rule);
/* "adopted", "re-announced", "vanishes", "killed", "hung-up" */
const char *child_fate_name(enum child_fate fate);
/* "none", "threads-alive", "traced" */
const char *blocker_token(enum zombie_blocker blocker);
/* What is said of a process that --pid-ns or --container leaves out, the end of a sentence */
const char *out_of_scope_words(void);
/* "proven", "likely" */
static inline const char *adoption_certainty(const struct adoption *a)
{
	return proven_token(a->proven);
}

#endif
