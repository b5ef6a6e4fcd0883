/* SPDX-License-Identifier: MIT */
/* All that is limited on this machine, or in one PID namespace or container. */
#ifndef CORONER_LIMITS_FIND_H
#define CORONER_LIMITS_FIND_H

#include "act/refused_state.h"
#include "case/forks/limits.h"
#include "case/scope.h"

struct limits_found {
	struct limit_case *cases; /* owned, each to be freed with limit_case_done(); tightest first */
	size_t n, cap;
	size_t n_in_scope; /* processes that are alive and in scope */
	bool unread; /* a limit that bears on the scope could not be read, perhaps; a remark says which */
	bool has_refused;
	uint64_t refused; /* forks refused in all cgroups in scope since these were made */
	struct refused_now *counts; /* owned; of those cgroups, where it is not 0 */
	size_t n_counts, cap_counts;
};

/*
 * Find every cgroup with a finite pids.max, every PID namespace, threads-max and, with LIMITS_USERS,
 * the users with a finite RLIMIT_NPROC: those past half of it, or all_users. In a scope: the cgroups
 * that its processes are in or below, and their PID namespaces; refused forks are those of the
 * container's own cgroups, so since its start, or of those that the processes are in.
 */
void limits_find(struct limits_view *v, const struct scope *scope, bool all_users,
		 struct limits_found *ret);
void limits_found_done(struct limits_found *f);

/* Note which limits of a case could not be read that are told to everybody: what fits by them is not known. */
void limits_note_unread(const struct limits_view *v, const struct limit_case *c);

/* Whether a process is in the scope; reads its files unless the scope is everything. */
bool limits_in_scope(const struct limits_view *v, const struct scope *scope,
		     const struct process *p);

#endif
