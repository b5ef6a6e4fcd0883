/* SPDX-License-Identifier: MIT */
/* All that coroner explain tells of one process: facts, put together, without a sentence. */
#ifndef CORONER_EXPLAIN_CASE_H
#define CORONER_EXPLAIN_CASE_H

#include "act/reap/reap.h"
#include "case/forks/limits.h"
#include "case/heirs/fates.h"
#include "case/signals/signal_targets.h"
#include "case/zombies/cases.h"
#include "case/zombies/holders.h"
#include "inspect/owner.h"
#include "inspect/threads/sleeper.h"
#include "inspect/tty.h"
#include "judge/source.h"

enum explain_kind {
	EXPLAIN_ZOMBIE,
	EXPLAIN_PARENT, /* it holds zombies */
	EXPLAIN_REAPER, /* an init or subreaper without zombies */
	EXPLAIN_ORPHAN, /* adopted, and none of the above */
	EXPLAIN_OTHER,
};

enum {
	EXPLAIN_MOST_KIN = 64,	  /* of a lineage */
	EXPLAIN_MOST_THREADS = 4, /* that live on after the main one */
	EXPLAIN_MOST_MEMBERS = 4, /* of a dying PID namespace */
	EXPLAIN_MOST_TRACED = 8,
};

/* What thaws a frozen cgroup: what is to be written into which file. */
struct thaw {
	char *path;	      /* owned, below cgroupfs, foreign; NULL: not known */
	const char *off;      /* static */
	const char *cgroupfs; /* borrowed */
};

/* One of a lineage. */
struct kin {
	const struct process *process; /* borrowed */
	enum heir_rule rank;
	bool inferred; /* the rank is */
	bool enters;   /* its PID namespace is another than its parent's */
};

/* One thread that lives on under a dead main thread. */
struct live_thread {
	const struct thread *thread; /* borrowed */
	struct sleeper sleeper;
};

/* One that lives on though all of its dying PID namespace was killed, and what keeps it. */
struct member {
	const struct process *process; /* borrowed */
	bool frozen;
	struct thaw thaw;
	pid_t deep;		/* the first of its threads in state D; 0: none */
	struct sleeper sleeper; /* of that one */
};

/* For whom a dying init waits. */
struct awaited {
	const struct process *first;  /* borrowed; NULL: nobody in sight */
	const struct process *parent; /* of a zombie; NULL: not in sight */
	bool outside;		      /* that one is in another PID namespace */
	size_t n;
};

/* What a thread of the focus waits for, and since when it sleeps; parallel to its threads. */
struct thread_note {
	const struct process
		*awaits; /* borrowed; the one child that it waits for, if that is in sight */
	bool has_asleep;
	double asleep_s; /* since the process last ran */
};

enum terminal_wish {
	TERMINAL_NOTHING, /* it was not stopped by its terminal */
	TERMINAL_READ,
	TERMINAL_WRITE,
};

struct explain_case {
	const struct census *c; /* borrowed, as the next two */
	const struct cases *cases;
	struct heirs *heirs;
	int64_t epoch_ns; /* CLOCK_REALTIME less CLOCK_BOOTTIME */
	uint64_t rights;  /* that coroner was started with */
	enum explain_kind kind;
	const struct process *subject; /* borrowed from the census */
	struct details details;	       /* of the subject */
	struct owner owner;	       /* of the subject; valid when has_owner */
	struct owner parent_owner;     /* of a zombie's parent; valid when has_parent_owner */
	bool has_owner, has_parent_owner;
	struct parent_case *parent; /* borrowed: the parent of the zombie, the subject itself, NULL */
	const struct zombie_case *zombie; /* borrowed; NULL: the subject is none */
	struct parent_case own; /* what stands for parent where the subject holds no zombies */
	struct verdict verdict; /* valid with parent: on the zombie, or on the parent */

	/* where it comes from, and what is its own */
	const struct process *born_of;	 /* borrowed: its parent; NULL: not in sight */
	const struct adoption *adoption; /* borrowed */
	bool replaced; /* the parent runs another program than the one that started it */
	struct fate_by_signal pdeath;	  /* of the signal that it gets at its parent's death */
	struct kin kin[EXPLAIN_MOST_KIN]; /* the subject first, upward */
	size_t n_kin;
	size_t n_above; /* ancestors of the last one that are in sight, too */
	const struct parent_case
		*held; /* borrowed: what a dead main thread's process holds itself; NULL: nothing */
	const struct parent_case **waiters; /* owned: parents that wait for the subject alone */
	size_t n_waiters;
	const struct process *traced[EXPLAIN_MOST_TRACED]; /* borrowed: what it traces and holds */
	const struct process *traced_parents[EXPLAIN_MOST_TRACED];
	size_t n_traced; /* at least as many as are named */
	pid_t tracer;	 /* of the subject, as a process; 0: nobody */

	/* what the focus does */
	struct thread_note *notes; /* owned */
	bool has_wchan;
	char wchan[64];
	bool awaits_sigchld; /* a thread sits in sigtimedwait for it */
	enum terminal_wish wish;
	struct tty terminal;
	struct holders holders; /* of what it reads; valid when has_holders */
	bool has_holders;

	/* a subject whose main thread is dead and others live; valid when has_remains */
	struct signal_view remains;
	bool has_remains;
	struct live_thread live[EXPLAIN_MOST_THREADS];
	size_t n_live;		  /* at least as many as are told */
	bool remains_killed;	  /* SIGKILL is pending for them */
	struct live_thread stuck; /* the first in state D; its thread NULL: none */
	struct thaw remains_thaw;
	struct signal_outcome remains_term, remains_kill; /* what SIGTERM and SIGKILL do to them */

	/* the end of a PID namespace */
	/* borrowed: the subject or the focus, an init that is being torn down with its PID namespace;
	 * NULL: neither is one */
	const struct process *dying;
	/* borrowed: the same, or the init of the subject's namespace if that one is */
	const struct process *dying_init;
	struct awaited awaited;
	struct member members[EXPLAIN_MOST_MEMBERS];
	size_t n_members;

	/* what helps, and what would come of it */
	struct signal_view signals; /* of the focus; valid when has_signals, as the next three */
	bool has_signals;
	bool signals_unread; /* the focus is there, for all that is known, and could not be read */
	struct signal_outcome term, kill;
	int fatal_pending;  /* signal_fatal_pending() */
	bool beyond_rights; /* coroner may not send it a signal */
	enum nudge_useless useless;
	bool nudge_dropped; /* the kernel drops one while the parent is held up */
	bool deaf;	    /* nothing shows that the parent would reap once it runs again */
	struct thaw thaw;
	struct source source;		     /* of the zombies of one that adopted them */
	const struct process *source_leader; /* borrowed; NULL: none that lives */
	struct verdict *others;		     /* owned: of a mixed parent, one for each other kind */
	size_t n_others;
	struct heir_case heir; /* who inherits from the focus; valid when has_heir */
	bool has_heir;
	bool heir_unread;	    /* as signals_unread */
	size_t n_dead, n_living;    /* children of the focus in state Z, and others */
	size_t n_killed, n_hung_up; /* living children that go with it, of some 256 */
	struct reaper_view reaper;  /* of a subject that is one; valid when is_reaper */
	bool is_reaper;
	bool reaper_inferred;
	bool may_act; /* its proc numbers processes as coroner does: who is named can be acted on */
	struct reap_result rehearsal; /* of coroner reap, where the parent holds zombies */
	struct limit_case cost;	      /* of the focus; valid when has_cost */
	bool has_cost;
};

/* The process that the story is about in the end: the parent of a zombie, else the subject. */
static inline const struct parent_case *explain_focus(const struct explain_case *e)
{
	return e->parent ? e->parent : &e->own;
}

/* Whether the focus is being torn down: what it was in and did with signals is past. */
static inline bool explain_focus_dying(const struct explain_case *e)
{
	return e->dying && e->dying == explain_focus(e)->process;
}

/* What coroner explain was asked about. */
struct explanation {
	struct cases cases;
	struct heirs heirs;
	struct limits_view limits;
	struct explain_case **list; /* owned, in the order that was asked for */
	size_t n;
};

/*
 * Look at each process that the n words name, or with none that the scope is about (case/explain/who.h). ret must
 * be zeroed; free it with explanation_done(), also after an error. Returns 0; or a negative errno, and why is among the problems: without a list there is no answer, with one
 * some could not be looked at.
 */
int explanation_collect(struct sight *sight, char **words, size_t n, struct explanation *ret);
void explanation_done(struct explanation *x);

/* The parts of it: each fills its own fields of a case whose subject, parent, heirs and signals are known. */
void explain_find_origin(struct sight *sight, struct explain_case *e);
void explain_find_doing(struct explain_case *e);
void explain_find_remains(struct sight *sight, struct explain_case *e);
void explain_find_members(struct sight *sight, struct explain_case *e);
void explain_find_outlook(struct sight *sight, struct explain_case *e);
void explain_find_source(struct explain_case *e);

/* What thaws the cgroup of that process; free its path. */
struct thaw explain_find_thaw(const struct sight *sight, const struct details *d);

#endif
