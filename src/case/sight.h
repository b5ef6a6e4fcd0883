/* SPDX-License-Identifier: MIT */
/*
 * What coroner sees with: the trees that it reads, the source and the rights it has, what it is narrowed
 * to; and what came of it: what was out of sight, and what went wrong. Cases are gathered through it.
 */
#ifndef CORONER_SIGHT_H
#define CORONER_SIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/remarks.h"
#include "census/census.h"

#define DEFAULT_CGROUPFS "/sys/fs/cgroup"

struct sight {
	const char *procfs; /* where they are mounted; borrowed */
	const char *cgroupfs;
	int procfd;
	int cgroupfd;  /* -1: there is none */
	bool own_proc; /* procfs is this process's own /proc */
	enum census_source source;
	bool frugal; /* CENSUS_AUTO may do without BPF where nothing hangs on it (case/look.h) */
	bool whole;  /* all that is known is shown: read what tables leave out */
	const char *pid_ns;    /* inode or PID, NULL: all; borrowed, as the next */
	const char *container; /* prefix of an id, NULL: all */
	uint64_t settle_ms;
	bool distinct; /* the look waits for a clock tick in which no zombie was born (census_is_newborn()) */
	int interrupt_fd;     /* readable when the settle time shall be cut short; 0: none */
	uint64_t rights;      /* effective capabilities as it was started, before it gave up any */
	uint64_t rights_kept; /* those that are needed after the last census too */
	bool counts_users;    /* RLIMIT_NPROC is looked at: BPF shall tell what counts */
	bool repeats;	      /* looks again and again: keeps all rights */
	struct remarks notes; /* what could not be seen, and why */
	struct remarks problems;     /* why what was asked could not be done */
	const struct census *census; /* borrowed: the last one taken; NULL: none */
};

/*
 * Remember, each once, what could not be seen, for the JSON "notes" and for standard error; or what went
 * wrong, which is told once, in the form that was asked for. The values of the code follow it by name:
 * sight_remark(sight, REMARK_HIDDEN, .n = pid).
 */
#define sight_remark(sight, why, ...) \
	remarks_add(&(sight)->notes, &(struct remark){ .code = (why), __VA_ARGS__ })
#define sight_problem(sight, why, ...) \
	remarks_add(&(sight)->problems, &(struct remark){ .code = (why), __VA_ARGS__ })

/* Remember a sentence for the JSON "notes" and for standard error; the same one twice counts once. */
void sight_note(struct sight *sight, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Remember what went wrong; it is told once, in the form that was asked for. */
void sight_fail(struct sight *sight, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The same of a process in the census that could not be looked at: it ended (-ESRCH, where that is proven),
 * proc hides it (-ENOENT, -EACCES), or what r, another negative errno, says.
 */
void sight_fail_lost(struct sight *sight, pid_t pid, int r);

/* Drop all notes but the first n: those of a look that counts for nothing. */
void sight_forget(struct sight *sight, size_t n);

/* Free the remarks. */
void sight_done(struct sight *sight);

/* Whether it was started with the rights that loading BPF takes. */
bool sight_may_load_bpf(const struct sight *sight);

/* Of the rights that it was started with, those that loading BPF uses. */
uint64_t sight_rights_for_bpf(const struct sight *sight);

/*
 * Whether one of the trees may be of a file system that does not answer: it is neither where it always is nor, by
 * the table of mounts, the kernel's own. Touches neither.
 */
bool sight_may_hang(const struct sight *sight);

/*
 * Take the census that the options ask for. Returns 0; or a negative errno, and why is among the
 * problems. The census is owned by the caller. Adds the notes about processes that could not be read.
 */
int sight_census(struct sight *sight, struct census **ret);

/*
 * Whether all files could be opened that were to be read since the last call (file_shortage()). If not,
 * that is a problem, and a negative errno returned: what was found is not all that there is.
 */
int sight_complete(struct sight *sight);

/*
 * The last census has been taken: give up what only loading the BPF iterator needs, unless the command
 * looks again and again.
 */
void sight_seen_all(const struct sight *sight);

/*
 * All that is shown has been read: give up what only reads depended on (privilege_end_reads()), unless
 * the command looks again and again. What acts on its own afterwards must need no capability.
 */
void sight_read_all(const struct sight *sight);

#endif
