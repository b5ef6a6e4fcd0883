/* SPDX-License-Identifier: MIT */
/* What was out of sight, and what went wrong: codes and the numbers of the case. */
#ifndef CORONER_REMARKS_H
#define CORONER_REMARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "case/acts/probe_trouble.h"
#include "census/census.h"

/* words/remarks.c has a sentence for each, in which the values that it needs stand by name. */
enum remark_code {
	REMARK_SAID, /* text: a sentence of a command that has no code yet */
	REMARK_ENDED_MEANWHILE,
	REMARK_HIDDEN,
	REMARK_HIDDEN_WITHOUT_RIGHT,
	REMARK_NOT_LOOKED_AT,
	REMARK_OTHERS_UNREAD,
	REMARK_MALFORMED,
	REMARK_HIDEPID, /* text: the mount, more: its option */
	REMARK_NO_PROC,
	REMARK_BPF_UNUSABLE, /* bpf */
	REMARK_PROC_UNREADABLE,
	REMARK_FROM_PROCFS, /* bpf */
	REMARK_TOO_FEW_FILES,
	REMARK_NOT_ALL_READ,
	REMARK_MISSING, /* missing */
	REMARK_STATUS_UNREAD,
	REMARK_SCOPE_PID_HIDDEN,
	REMARK_SCOPE_PID_GONE,
	REMARK_SCOPE_UNREADABLE,
	REMARK_SCOPE_REFUSED,
	REMARK_SCOPE_WITHOUT_RIGHT,
	REMARK_SCOPE_PIDNS_EMPTY,
	REMARK_SCOPE_CONTAINER_EMPTY,
	REMARK_CGROUP_MALFORMED,
	REMARK_CGROUP_OUTSIDE,
	REMARK_CGROUP_NOT_FOUND,
	REMARK_CGROUPS_CUT,
	REMARK_CGROUPS_UNREAD,
	REMARK_LIMIT_UNREAD, /* text: its kind */
	REMARK_LIMIT_USE_UNREAD,
	REMARK_CGROUPS_ABOVE_HIDDEN,
	REMARK_CGROUPFS_UNREADABLE,
	REMARK_NO_PIDS_CONTROLLER,
	REMARK_ZOMBIES_WITHOUT_CGROUP,
	REMARK_TASKS_OUTSIDE,
	REMARK_USERNS_AROUND_HIDDEN,
	REMARK_USERS_UNTOLD,
	REMARK_PIDNS_AROUND_HIDDEN,
	REMARK_PID_MAX_DENIED,
	REMARK_PID_MAX_TAKES_BPF,
	REMARK_PIDNS_NOT_ASKED,
	REMARK_SEVERAL_PIDNS_NOT_ASKED,
	REMARK_ASKER_STAYS,
	REMARK_NOT_ASKED_FOR_TRACER,
	REMARK_NOT_ASKED_FOR_PERHAPS, /* the same, as far as is known */
	REMARK_NOT_PROBED_FOR_TRACER,
	REMARK_NOT_PROBED_FOR_PERHAPS,
	REMARK_ADOPTED_BY_OTHER,
	REMARK_REAPED_BY_OTHER,
	REMARK_SUBREAPER_UNKNOWN,
	REMARK_MASKS_REFUSED,
	REMARK_NAMESPACE_DYING,
	REMARK_STATE_NOT_OURS,
	REMARK_STATE_NOT_KEPT,
	REMARK_ORPHANS_SPARED,
	REMARK_FORKS_NO_MORE,
	REMARK_IS_THREAD,
	REMARK_NO_PROCESS,
	REMARK_OUT_OF_SCOPE,
	REMARK_NOT_PROBED_AGAIN,
	REMARK_PROBE_LEFT,
	REMARK_PROBE_THERE_STAYS,
	REMARK_PROBE_STAYS,
	REMARK_PIDNS_NOT_PROBED,
	REMARK_PROBE_FAILED,
	REMARK_PROBE_FAILED_LEFT,
	REMARK_PROBED_HERE,
	REMARK_DESCENDANTS_UNKNOWN,
	REMARK_PROBE_OTHER_PROC,
	REMARK_NUDGE_TOO_FEW_FILES,
	REMARK_NUDGE_NO_PIDFDS,
	REMARK_NUDGE_OTHER_PROC,
	REMARK_SCOPE_SEVERAL_PIDNS,
	REMARK_SCOPE_INIT_UNSEEN,
	REMARK_THREAD_OF,
	REMARK_SUBREAPERS_UNTOLD,
	REMARK_INITS_UNTOLD,
	REMARK_NAMED_NONE, /* text: the name */
	REMARK_NAMED_SEVERAL, /* text: the name; more: a line for each, its PID, a blank, its command line */
	REMARK_NAMED_LIVING,
	REMARK_PARENTS_UNTOLD,
	REMARK_COUNT,
};

/* What would have shown what was refused. */
enum missing_lack {
	LACKS_TO_READ_FILES,	  /* CAP_DAC_READ_SEARCH */
	LACKS_NOTHING,		  /* refused in spite of CAP_SYS_PTRACE */
	LACKS_TO_TRACE,		  /* CAP_SYS_PTRACE */
	LACKS_TO_TRACE_OR_EQUAL,  /* that, or the capabilities that those looked at have */
	LACKS_TO_TRACE_BY_YAMA,	  /* as kernel.yama.ptrace_scope wants it */
	LACKS_TO_TRACE_OWN_USERS, /* they are of the same user, but closed */
};

#define MISSING_NAMED 5 /* processes that a remark names */

/* What was refused, and of whom: see case/missing.h. */
struct missing_summary {
	unsigned what;
	pid_t named[MISSING_NAMED];
	size_t n_named, n; /* of n processes the first are named */
	enum missing_lack lack;
	uint64_t lacks; /* with LACKS_TO_TRACE_OR_EQUAL: capabilities */
};

struct remark {
	enum remark_code code;
	uint64_t n, m; /* PIDs, inodes, counts */
	int error;     /* negative errno */
	/* a path, an id, a reason; NULL: none. Owned within remarks, else borrowed */
	const char *text, *more;
	struct missing_summary missing;
	struct bpf_failure bpf;
	struct probe_trouble probe;
};

/* Each once. */
struct remarks {
	struct remark *list; /* owned */
	size_t n, cap;
	size_t told; /* the first so many have been told */
};

/* Add a copy, unless the same is there already. */
void remarks_add(struct remarks *r, const struct remark *remark);

/* Drop all but the first n. */
void remarks_cut(struct remarks *r, size_t n);
void remarks_done(struct remarks *r);

#endif
