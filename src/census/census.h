/* SPDX-License-Identifier: MIT */
/*
 * The census: every process in sight, few fields each, in one fast pass. Two sources fill the same
 * arrays: /proc/PID/stat (procfs.c) and a BPF task iterator (bpf.c), which knows more.
 */
#ifndef CORONER_CENSUS_H
#define CORONER_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"

/* Linux include/linux/sched.h */
#define TASK_COMM_LEN 16
#define PF_EXITING 0x00000004
#define PF_FORKNOEXEC 0x00000040
#define PF_KTHREAD 0x00200000

/* Linux include/linux/threads.h: no pid_max is higher, so no number is above it */
#define PID_MAX_LIMIT 4194304

/* Linux include/linux/proc_ns.h: PROC_PID_INIT_INO, the machine's first PID namespace */
#define PIDNS_INIT_INODE 0xEFFFFFFCU

#define CENSUS_NONE UINT32_MAX /* no such index: the end of a list of children */

enum census_source {
	CENSUS_AUTO, /* BPF where it works, else procfs */
	CENSUS_BPF,
	CENSUS_PROCFS,
};

enum sigchld_disposition {
	SIGCHLD_DEFAULT,
	SIGCHLD_IGNORED,
	SIGCHLD_CAUGHT,
};

/* One thread group, as /proc/PID/stat shows its leader; PIDs are those of the reader's namespace. */
struct process {
	int64_t start_ticks; /* field 22, proc_stat_ticks(); with pid, the identity */
	uint64_t cpu_ticks;  /* fields 14 + 15: user and system time, clock ticks */
	uint64_t waited; /* fields 11 + 13 + 16 + 17: 0 until it waited for a child; only ever grows */
	pid_t pid;
	pid_t ppid; /* 0: no parent in sight (it lives outside this PID namespace) */
	pid_t pgrp;
	pid_t sid;
	uint32_t threads;      /* field 20: threads that are left; a plain zombie has 1 */
	uint32_t flags;	       /* field 9: PF_* */
	int32_t exit_code;     /* field 52, as wait(2) gives it; 0 may also mean "not permitted" */
	uint32_t parent;       /* index into census->procs, or CENSUS_NONE */
	uint32_t first_child;  /* the same */
	uint32_t next_sibling; /* the same; siblings are in PID order */
	uint32_t n_zombies;    /* how many of the children are in state Z */
	char comm[TASK_COMM_LEN]; /* raw bytes, NUL-terminated; untrusted */
	char state;		  /* field 3: R S D T t Z X I */
	uint8_t exit_signal;	  /* field 38: 17 (SIGCHLD) as a rule, 0 for none */
	bool unsettled;		  /* a zombie younger than the settle time: it counts as none */
};

/* What only the kernel itself can tell (BPF source); parallel to struct process. */
struct process_kernel {
	uint64_t start_ns;  /* task->start_boottime */
	uint64_t cgroup_id; /* of its pids controller, v1 or v2, for zombies too; 0: no controller */
	int64_t died_ns; /* CLOCK_BOOTTIME of a zombie's death; 0: not known within half a second */
	int64_t died_error_ns; /* it died at most this much later than died_ns; 0: no idea at all */
	int64_t ran_ns; /* CLOCK_BOOTTIME when its living main thread last got a CPU; 0: not known */
	int64_t group_ran_ns; /* a thread of it ran then or later, for certain; 0: not known */
	int64_t group_left_ns; /* of one with children: none of them has run since; INT64_MAX: not known */
	uint64_t arrivals; /* grows when one of them gets a CPU */
	uint64_t task,
		older_sibling;	 /* for siblings.c: opaque keys of it and of the child before it */
	uint32_t pidns;		 /* inode number of its PID namespace */
	pid_t ns_pid;		 /* its number there */
	pid_t tracer;		 /* 0: none; -1: one outside coroner's PID namespace */
	uint32_t parent_exec_id; /* of the parent when this was born of it */
	uint32_t self_exec_id;
	uint32_t uid;		 /* real, in the initial user namespace */
	uint32_t userns;	 /* inode number of its user namespace; 0: not asked for */
	uint32_t children_pidns; /* the same of the PID namespace that its children go to */
	uint32_t live_threads;	 /* threads not yet dead, the leader included while it lives */
	uint32_t other_threads;	 /* that were met in the pass, dead or alive */
	uint8_t level;		 /* depth of its PID namespace below coroner's own: 0 = the same */
	uint8_t pdeath_signal;	/* PR_SET_PDEATHSIG of any of its threads, SIGKILL first; 0: none */
	uint8_t sigchld;	/* enum sigchld_disposition */
	bool no_cldwait : 1;	/* SA_NOCLDWAIT on SIGCHLD */
	bool subreaper : 1;	/* signal->is_child_subreaper */
	bool has_subreaper : 1; /* signal->has_child_subreaper: an ancestor is or was one */
	bool is_init : 1;	/* it is the child_reaper of its PID namespace */
	bool lost_thread : 1;	/* it had other threads, at least one of which is gone */
	bool attached_late : 1; /* siblings.h: it stands where only the adopted can */
	bool group_exit : 1;	/* SIGNAL_GROUP_EXIT: all of it is ending, or dumps its core */
	bool hidden : 1;	/* the iterator did not show it (census_kernel() gives NULL) */
};

/* A thread that is stopped or in uninterruptible sleep, but for leaders. */
struct census_held {
	pid_t tgid, tid;
	char state; /* T, t or D */
};

/* How often the threads of a process had run, all together; what procfs tells instead of times. */
struct census_glimpse {
	pid_t pid;
	uint64_t runs;
};

/* A PID namespace: coroner's own, those around it, and all others whose init is in sight. */
struct census_pidns {
	uint32_t inode;
	uint32_t parent;	/* inode number, 0: it is the initial one */
	uint32_t level;		/* absolute: 0 is the initial one */
	pid_t init;		/* its init as coroner numbers it; 0: out of sight */
	uint32_t pid_max;	/* 0: this kernel has one for all, kernel.pid_max (before 6.14) */
	uint32_t pid_allocated; /* numbers taken, those of threads, sessions and groups included */
	uint32_t cursor; /* the number the allocator tries next; it only goes up, then wraps to 300 */
	bool dead; /* its init is dying (zap_pid_ns_processes()) or gone: no fork into it works */
};

/* A user in a user namespace, as RLIMIT_NPROC counts (Linux kernel/ucount.c). */
struct census_user {
	uint32_t userns; /* inode number */
	uint32_t uid;	 /* in the initial user namespace, as owner */
	uint32_t parent; /* inode number of the user namespace around; 0: this is the initial one */
	uint32_t owner;	 /* who made this namespace: its tasks count there for him too */
	bool known;	 /* the two below: Linux 6.0 and later */
	uint64_t tasks;
	uint64_t creators_limit; /* his soft limit when he did, UINT64_MAX: none */
};

/* Why BPF could not be used: words/source.c has a sentence for each. */
enum bpf_cause {
	BPF_USABLE,
	BPF_NOT_BUILT,
	BPF_OTHER_PROC, /* the proc that is read is not that of this process's PID namespace */
	BPF_NO_SYSCALL,
	BPF_LACKS_PERFMON,
	BPF_LACKS_BPF,
	BPF_LACKS_BOTH,
	BPF_IN_USERNS,
	BPF_FORBIDDEN, /* by a seccomp filter or a security module */
	BPF_NO_TYPES,
	BPF_LOCKED_DOWN,
	BPF_TOO_OLD, /* the kernel, for the program that it refuses */
	BPF_REFUSED, /* the program, by a kernel that is not */
	BPF_ERROR,   /* error */
};

/* What it could not do. */
enum bpf_step {
	BPF_BEGIN,
	BPF_LOAD,
	BPF_START,
	BPF_READ,
};

struct bpf_failure {
	enum bpf_cause cause;
	enum bpf_step step;
	int error; /* negative errno */
};

struct census {
	struct process *procs;	       /* owned; n of them, in PID order */
	struct process_kernel *kernel; /* owned; n of them, or NULL: procfs was the source */
	size_t n;
	struct census_pidns
		*pidns; /* owned; n_pidns of them, coroner's own first; none from procfs */
	size_t n_pidns;
	struct census_user *users; /* owned; n_users, sorted, each once; none if not asked */
	size_t n_users;
	struct census_held *held; /* owned; sorted by tgid and tid (BPF, or glimpse_take()) */
	size_t n_held;
	struct census_glimpse *glimpses; /* owned; sorted by PID (glimpse_take(), else none) */
	size_t n_glimpses;
	struct left *left;	/* owned; left.h: NULL once census_take() has used it */
	struct census *earlier; /* owned; the look before the settle time, NULL without one */
	size_t n_zombies;
	size_t n_unparented;		/* zombies whose parent is not in the census */
	size_t n_gone;			/* vanished between being listed and being read: no error */
	size_t n_denied;		/* listed, but not to be read by us (hidepid=1) */
	size_t n_malformed;		/* a stat file that is none */
	enum census_source source;	/* CENSUS_BPF or CENSUS_PROCFS */
	enum bpf_cause bpf_unusable;	/* why auto fell back to procfs, or BPF_USABLE */
	struct bpf_failure bpf_failure; /* more of that */
	int64_t taken_ns;		/* CLOCK_BOOTTIME when it began */
	int64_t done_ns;		/* and ended */
	int procfd;			/* borrowed: a directory, the root of proc */
	bool own_proc;	 /* whose numbers are those of this process's PID namespace */
	uint32_t *index; /* owned; hash of PIDs, private to index.c */
	size_t index_mask;
	uint32_t *pidns_index; /* owned; indices of pidns in the order of their inodes, private too */
};

struct census_options {
	enum census_source source;
	int procfd;    /* an open directory, the root of proc; must outlive the census */
	bool own_proc; /* presence_is_own_proc(): its numbers are those that BPF tells */
	bool users;    /* BPF shall tell the users too: 3 ms */
};

/*
 * Look at every process once.
 *
 * Processes that vanish meanwhile are counted, not an error. With CENSUS_AUTO a BPF source that
 * does not work is replaced by procfs and bpf_unusable says why; with CENSUS_BPF that is the error
 * -EOPNOTSUPP and *ret_why gets the reason, else BPF_USABLE.
 *
 * Returns 0 and a census to free with census_free(), or a negative errno: -ENOENT where the
 * directory holds no process at all (it is no mount of proc).
 */
int census_take(const struct census_options *options, struct census **ret,
		struct bpf_failure *ret_why);
void census_free(struct census *c);

/*
 * Count only the zombies that were zombies in an earlier census already: the others become
 * unsettled, and so do the counts of their parents. c owns the earlier one from then on.
 */
void census_settle(struct census *c, struct census *earlier);

/*
 * Whether p was born in the clock tick in which the census began, or later: one that is given its number
 * after it may have the same start time. Any other can be told by that from all who come later.
 */
bool census_is_newborn(const struct census *c, const struct process *p);

/* Whether that thread was in that state (T, t or D) when this census was taken. */
bool census_was_held(const struct census *c, pid_t tgid, pid_t tid, char state);

/* The process with that PID, or NULL. O(1). */
const struct process *census_find(const struct census *c, pid_t pid);

/* The parent in sight, or NULL. O(1). */
const struct process *census_parent(const struct census *c, const struct process *p);

/* Walk the children of p in PID order: NULL at the end. O(1) a step. */
const struct process *census_first_child(const struct census *c, const struct process *p);
const struct process *census_next_child(const struct census *c, const struct process *child);

/*
 * Whether processes are there that it could not see: some were refused (hidepid=1) or not to be read, or
 * process 1 is missing, which every PID namespace has (hidepid=2; proc(5)). Counts are then least ones.
 */
bool census_is_partial(const struct census *c);

/*
 * Whether a thread of p is not exiting, its main thread or another: it inherits still, and reaps.
 * Source: Linux v6.18 kernel/exit.c:find_alive_thread().
 */
bool census_is_live(const struct census *c, const struct process *p);

/* What the kernel said of p, or NULL: procfs was the source, or p is hidden from iterators. */
const struct process_kernel *census_kernel(const struct census *c, const struct process *p);

/* What the kernel said of a PID namespace, or NULL: procfs was the source, or its init is hidden. O(log n). */
const struct census_pidns *census_pidns_find(const struct census *c, uint64_t inode);

/* What the kernel counts for a user in a user namespace, or NULL: procfs was the source. O(log n). */
const struct census_user *census_user_find(const struct census *c, uint32_t userns, uint32_t uid);

/* Whether it counts as a zombie: one that is younger than the settle time does not. */
static inline bool process_is_zombie(const struct process *p)
{
	return p->state == 'Z' && !p->unsettled;
}

/* Whether two looks saw one process, as far as clock ticks tell births apart. */
static inline bool process_is_same(const struct process *a, const struct process *b)
{
	return a->pid == b->pid && a->start_ticks == b->start_ticks;
}

/*
 * The sources, for take.c alone, with a zeroed census that knows procfd and own_proc: fill procs (sorted by PID) and
 * the counts. Returns 0 or a negative errno: -ENOENT where no process is there.
 */
int census_procfs_read(struct census *c);
/*
 * The same, and kernel, pidns, held, left, with users those too, and the index. Returns 0; or -EOPNOTSUPP, *ret_why
 * says why, and the census is as it was.
 */
int census_bpf_read(struct census *c, bool users, struct bpf_failure *ret_why);

#endif
