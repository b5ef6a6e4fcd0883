/* SPDX-License-Identifier: MIT */
/*
 * All that /proc says about the few processes that are shown. A struct details is pinned: it was
 * read through one directory handle, which the kernel binds to the process and not to its number,
 * after its start time was compared with the census.
 */
#ifndef CORONER_DETAILS_H
#define CORONER_DETAILS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "census/census.h"
#include "inspect/text/container.h"
#include "inspect/text/status.h"
#include "inspect/text/syscall.h"

/* What to read: each costs about one file. */
enum details_want {
	WANT_STATUS = 1 << 0,		   /* masks, numbers in each PID namespace, tracer, uid */
	WANT_PIDNS = 1 << 1,		   /* inode of its PID namespace; needs ptrace access */
	WANT_CGROUP = 1 << 2,		   /* the container, the paths of the hierarchies */
	WANT_THREADS = 1 << 3,		   /* masks and state of every thread */
	WANT_SIGNALFD = 1 << 4,		   /* signalfds that take SIGCHLD; needs ptrace access */
	WANT_SIGNALFD_IF_BLOCKED = 1 << 5, /* the same, only where it could make a difference */
	WANT_WCHAN = 1 << 6,		   /* kernel function it sleeps in; needs ptrace access */
	WANT_FRESH = 1 << 7,		   /* stat again: state and exit code as of now */
	WANT_DOING = 1 << 8,	  /* with WANT_THREADS: system call of each; needs ptrace access */
	WANT_UNVERIFIED = 1 << 9, /* of who has the number: the caller must check that it was p */
	WANT_SLEPT = 1 << 10, /* with WANT_STATUS: of an init, where BPF does not tell, slept_ns */
};

/* One thread of a process. */
struct thread {
	pid_t tid;
	char state;
	pid_t tracer; /* as its status shows it; 0: none in sight */
	struct signal_masks masks;
	struct blocked_in blocked_in;
	enum tri in_do_wait; /* where it waits for children: that is the kernel function it sleeps in */
	bool in_vfork; /* state D, and surely in the wait for its vfork child, which SIGKILL ends */
	uint64_t runs; /* how often it had got a CPU before the above was read; 0: not known */
	uint64_t awaited; /* signals that rt_sigtimedwait waits for; 0: unknown or no such call */
	pid_t *children; /* owned; what this very thread forked, read when its wait is __WNOTHREAD */
	size_t n_children;
};

struct details {
	struct process process; /* a copy from the census, fresher with WANT_FRESH */
	unsigned have;		/* which of the wanted were read (enum details_want) */
	unsigned denied;	/* which were refused for want of rights, or hidden */
	int unread; /* 0, or why nothing of it could be read: it is there, for all that is known */
	struct proc_status status;
	uint64_t pidns; /* inode; valid with WANT_PIDNS */
	bool in_container;
	struct container container; /* valid when in_container */
	char *cgroups;		    /* owned: the text of /proc/PID/cgroup */
	size_t cgroups_len;
	struct thread *threads; /* owned; at least one with WANT_THREADS */
	size_t n_threads;
	bool at_once; /* none of several threads has got a CPU while they were read: it was all so at one moment */
	enum tri signalfd;   /* a signalfd of it takes SIGCHLD */
	enum tri timer;	     /* a timerfd of it is armed; read with signalfds */
	enum tri subreaper;  /* UNKNOWN without BPF */
	enum tri init;	     /* of its PID namespace, as BPF tells; its status tells it too */
	bool has_level;	     /* BPF has told the two below */
	int level;	     /* of its PID namespace below the reader's */
	pid_t ns_pid;	     /* its number there */
	int64_t slept_ns;    /* CLOCK_BOOTTIME: slept_since(); valid with WANT_SLEPT */
	bool cmdline_unread; /* it was to be had, and could not be read */
	bool has_cmdline;    /* details_read_cmdlines() has looked; a zombie's is empty */
	char **cmdline;	     /* owned, n_args strings of raw bytes; untrusted */
	size_t n_args;
	char wchan[64]; /* "" when it is not asleep */
};

/*
 * Read what want names of p. Fields that could not be read are absent from have; the ones refused
 * are in denied. A process that is gone, or whose number now belongs to another, gives -ESRCH, and that
 * alone proves it. Any other error is one of a process that is there, and in ret->unread too: -ENOENT
 * where proc hides it, -EACCES, -EBADMSG, -EIO...
 * Returns 0 or a negative errno; *ret is to be freed with details_done() whatever it returns.
 */
int details_read(const struct census *c, const struct process *p, unsigned want,
		 struct details *ret);

/* Free what it owns; zeroed ones are legal. */
void details_done(struct details *d);

/* A copy of the process alone, nothing read: what stands for a process that is out of reach. */
void details_unread(const struct process *p, struct details *ret);

/* Whether all of what (enum details_want) was read. */
static inline bool details_has(const struct details *d, unsigned what)
{
	return (d->have & what) == what;
}

/*
 * Fill the command lines of many, in parallel. Kernel threads and zombies have an empty one; one that
 * was refused, or whose process is gone, stays without.
 */
void details_read_cmdlines(const struct census *c, struct details *const *list, size_t n);

/*
 * Read one more file of p, pinned as by details_read(). The text is owned by the caller, *ret_len
 * does not count the NUL behind it. Returns 0, -ESRCH, -EACCES or another negative errno.
 */
int details_read_file(const struct census *c, const struct process *p, const char *name,
		      char **ret_text, size_t *ret_len);

/* "init" of its PID namespace, "subreaper" or "process"; static. NULL: nothing tells whether it is one. */
const char *details_role(const struct details *d);

/* Its number in its own PID namespace; 0 where not known. */
pid_t details_ns_pid(const struct details *d);

/*
 * What it does as a whole, a state of proc_pid_stat(5): its main thread's or, where that one ended before
 * others, the one that all of those share. Takes WANT_THREADS for the latter.
 */
char details_state(const struct details *d);

/* Whether a thread of it waits for files to be ready, timers among them, without a time limit. */
bool details_waits_for_files(const struct details *d);

/* Depth of its PID namespace below the reader's: 0 for the same one, -1 where not known. */
int details_depth(const struct details *d);

/*
 * The inode of a process's PID namespace, /proc/PID/ns/pid (pid_namespaces(7)); ptrace read access
 * is needed. Returns 0, -ESRCH, or -EACCES.
 */
int pidns_read(int dirfd, const char *path, uint64_t *ret_inode);

#endif
