/* SPDX-License-Identifier: MIT */
/* Who inherits the children of a process that ends: the kernel's rule as a pure function. */
#ifndef CORONER_REAPER_H
#define CORONER_REAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "base/uname.h"
#include "judge/adoption.h"

/* From here on the search stays in the PID namespace of the dead (commit c6c70f4455d1). */
#define REAPER_KERNEL_STAYS_INSIDE KERNEL(4, 11)

/* One process on the way up from the dying one. */
struct ancestor_evidence {
	pid_t pid;
	bool inside;	    /* in the PID namespace of the dying process */
	bool is_init;	    /* of the dying process's PID namespace: the search ends here */
	bool live;	    /* a thread of it is not exiting; its leader may be dead */
	enum tri subreaper; /* marked child_subreaper; UNKNOWN without BPF */
	pid_t adopted; /* a child that it cannot have born, else 0: then it is or was a subreaper */
	enum adoption_sign adopted_by; /* what shows that */
};

struct heir_evidence {
	pid_t pid;
	unsigned kernel; /* KERNEL(); 0: not known, taken for a new one */
	bool ended;	 /* a zombie with no thread left: its children were handed on already */
	bool is_init;	 /* it is the init of its PID namespace */
	bool is_machine_init;	  /* and that namespace is the initial one */
	enum tri under_subreaper; /* signal->has_child_subreaper; UNKNOWN without BPF */
	const struct ancestor_evidence *ancestors; /* borrowed; the parent first, upward */
	size_t n_ancestors;
	pid_t hidden; /* the parent of the last one, where it is there but not in sight; else 0 */
	pid_t init;   /* of its PID namespace; 0: out of sight */
};

enum heir_rule {
	HEIR_NONE,
	HEIR_SUBREAPER,
	HEIR_INIT,
};

/* What the rule was decided by: words/heirs/heir.c has a sentence for each. */
enum heir_reason {
	HEIR_KERNEL_PANICS, /* it is the init of the whole machine */
	HEIR_NAMESPACE_DIES,
	HEIR_ENDED,
	HEIR_IS_MARKED,
	HEIR_IS_MARKED_OUTSIDE, /* of the PID namespace */
	HEIR_IT_ADOPTED,	/* other, by sign */
	HEIR_WAY_IS_CUT,	/* at other */
	HEIR_ENTERED,		/* from outside */
	HEIR_NOBODY_BETWEEN,
	HEIR_NO_SUBREAPER,	/* among n_between */
	HEIR_NO_SUBREAPER_SEEN, /* the same */
};

struct heir {
	enum heir_rule rule;
	pid_t pid;  /* 0: nobody, or the init that is out of sight */
	bool exact; /* the kernel itself told all that the rule asks; else inferred */
	enum heir_reason reason;
	pid_t other; /* another process that shows it, see the reason; 0: none */
	enum adoption_sign sign;
	size_t n_between; /* ancestors looked at, up to the init */
};

/*
 * Who gets the children when all of the process ends (as long as a thread of it lives, they stay).
 * Source: Linux v6.18 kernel/exit.c:find_new_reaper(), find_child_reaper(); for kernels before 4.11
 * Linux v4.10 of the same, which looked for subreapers beyond the namespace too. Where subreapers
 * are not known, an ancestor that holds a child not its own is taken for one: inferred. Pure.
 */
void heir_judge(const struct heir_evidence *e, struct heir *ret);

enum child_fate {
	FATE_ADOPTED,	  /* it goes on living (or stays held by others) under the heir */
	FATE_REANNOUNCED, /* a zombie: the heir gets its SIGCHLD, as if it had died now */
	FATE_VANISHES,	  /* a zombie that the kernel reaps at once */
	FATE_KILLED,	  /* it dies at once: with the namespace, or of its parent-death signal */
	FATE_HUNG_UP, /* SIGHUP ends it: of its terminal, or as its stopped group is left alone */
};

struct child_evidence {
	bool zombie;			      /* in state Z */
	bool threads_alive;		      /* other threads of it live on */
	bool traced;			      /* a tracer other than the dying process holds it */
	enum tri killed;		      /* its parent-death signal ends it */
	enum tri hung_up;		      /* SIGHUP is sent to it, and ends it */
	bool perhaps_killed, perhaps_hung_up; /* where that is not known: most likely it does */
};

struct heir_disposition {
	enum tri ignored;    /* SIGCHLD is ignored */
	enum tri no_cldwait; /* SA_NOCLDWAIT is set; UNKNOWN without BPF */
};

/*
 * What becomes of one child. Source: Linux v6.18 kernel/exit.c:forget_original_parent(),
 * reparent_leader(), kernel/signal.c:do_notify_parent(). heir is that of the heir, NULL where there
 * is none: the namespace dies. *ret_exact becomes false where what decides it is not known. Pure.
 */
enum child_fate child_fate_judge(const struct child_evidence *e,
				 const struct heir_disposition *heir, bool *ret_exact);

#endif
