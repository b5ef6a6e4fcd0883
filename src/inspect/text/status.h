/* SPDX-License-Identifier: MIT */
/* /proc/PID/status, parsed: signal masks, numbers at every PID namespace level, tracer, uid. */
#ifndef CORONER_STATUS_H
#define CORONER_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_PID_NS_LEVEL 32 /* Linux include/linux/pid_namespace.h */

/* Signal sets as the kernel writes them: bit N - 1 is signal N. */
struct signal_masks {
	uint64_t pending;	 /* SigPnd: of this thread alone */
	uint64_t shared_pending; /* ShdPnd: of the process */
	uint64_t blocked;	 /* SigBlk: of this thread alone */
	uint64_t ignored;	 /* SigIgn */
	uint64_t caught;	 /* SigCgt */
};

/* Whether a set holds that signal; no set holds one that is none. Pure. */
static inline bool mask_has(uint64_t mask, int signal)
{
	return signal >= 1 && signal <= 64 && mask >> (signal - 1) & 1;
}

struct proc_status {
	char state;
	pid_t tgid;
	pid_t ppid;   /* 0: none in sight */
	pid_t tracer; /* 0: none in sight */
	uint32_t uid; /* real, in the reader's user namespace */
	uint32_t effective_uid, saved_uid;
	uint32_t threads;
	bool core_dumping; /* it has crashed, and its core is being written; since 4.15 */
	struct signal_masks masks;
	bool has_capabilities;
	uint64_t capabilities; /* CapEff, of its own user namespace (capabilities(7)) */
	int n_ns_pids;	       /* 1 in the reader's own PID namespace, one more each level inward */
	pid_t ns_pids[MAX_PID_NS_LEVEL + 1];
	pid_t ns_pgrp; /* innermost number of its process group; 0: it has none there */
	pid_t ns_sid;  /* innermost number of its session; 0: it has none there */
};

/*
 * Parse the text of /proc/PID/status or /proc/PID/task/TID/status (proc_pid_status(5); Linux v6.18
 * fs/proc/array.c:proc_pid_status()). A Name line cannot deceive it: the kernel escapes newlines
 * there. Kernels without NSpid (before 4.1) leave n_ns_pids 0. Of
 * what stands behind CapEff nothing is wanted, and nothing looked at.
 * Returns 0, or -EBADMSG where the masks, Tgid, State or Uid are missing, *ret then undefined.
 */
int proc_status_parse(const char *text, size_t len, struct proc_status *ret);

/*
 * Read and parse such a file, however long its Groups line makes it. Returns 0, -EBADMSG, or an error of
 * file_error().
 */
int proc_status_read(int dirfd, const char *path, struct proc_status *ret);

/* The same of /proc/PID/status below procfd; of /proc/self/status where pid is 0. */
int proc_status_read_pid(int procfd, pid_t pid, struct proc_status *ret);

/*
 * The value at a level of a line such as NSpid, NSpgid or NSsid in such a text; 0 is the level of the
 * reader's procfs. Returns 0 where the line has no such level or none. Pure.
 */
pid_t proc_status_number(const char *text, size_t len, const char *key, int level);

#endif
