/* SPDX-License-Identifier: MIT */
/* --pid-ns and --container: what a run is narrowed to. */
#ifndef CORONER_SCOPE_H
#define CORONER_SCOPE_H

#include "case/sight.h"
#include "inspect/details.h"
#include "inspect/pidns.h"

struct scope {
	bool by_pidns;
	uint64_t pidns;	       /* inode */
	const char *container; /* borrowed from the options; NULL: all */
};

/*
 * Resolve the options against a census: --pid-ns is an inode number when it is larger than any PID
 * can be (4194304, Linux include/linux/threads.h:PID_MAX_LIMIT), else a PID whose namespace is
 * meant. Returns 0; or a negative errno where that PID is not there or not to be read, and why is among the
 * problems.
 */
int scope_resolve(struct sight *sight, const struct census *c, struct scope *ret);

/*
 * Take a census (look_census()) and resolve the options against it: how a command begins. Returns 0
 * and a census to free with census_free(); or a negative errno, and why is among the problems.
 */
int scope_census(struct sight *sight, struct census **ret, struct scope *ret_scope);

/*
 * Nothing was found: that is a problem where the scope names what is not there at all (exists is false), for
 * a typo must not read as "no zombies". Returns 0 where that is a fair answer, else -ESRCH.
 */
int scope_complain_empty(struct sight *sight, const struct scope *s, bool exists);

/*
 * Whether a process is in the scope: reads its files unless that is everything. A zombie has left its
 * cgroup on v1: it is in the container that its parent is in.
 */
bool scope_holds(const struct scope *s, const struct census *c, const struct process *p);

/* Which namespaces of the map a process of the scope lives in; ret, one for each, is zeroed. */
void scope_mark_pidns(const struct scope *s, const struct census *c, const struct pidns_map *map,
		      bool *ret);

/* Whether any process in sight is in the scope: reads links or cgroups until one is. */
bool scope_exists(const struct scope *s, const struct census *c);

/* Whether a process is in the PID namespace asked for; d needs WANT_PIDNS unless BPF has told. */
bool scope_has_process(const struct scope *s, const struct census *c, const struct process *p,
		       const struct details *d);

/* Whether this is the container asked for, by the beginning of its id, alone or behind "RUNTIME:". */
bool scope_names(const struct scope *s, const struct container *c);

/* Whether it is in the container asked for; d needs WANT_CGROUP. */
bool scope_has_container(const struct scope *s, const struct details *d);

#endif
