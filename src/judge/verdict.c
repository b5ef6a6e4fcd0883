/* SPDX-License-Identifier: MIT */
#include "judge/verdict.h"

#include <signal.h>
#include <stdio.h>

#include "inspect/signals.h"
#include "judge/doing.h"

/* One zombie before its judge: what every rule gets. */
struct matter {
	const struct parent_evidence *parent;
	const struct zombie_evidence *zombie;
	struct verdict *verdict; /* a rule that fits may lower certainty and set nudge and why */
};

#define WHY(m, ...) snprintf((m)->verdict->why, VERDICT_WHY_SIZE, __VA_ARGS__)

static bool likely_if(struct matter *m, bool doubtful)
{
	if (doubtful)
		m->verdict->certainty = CERTAINTY_LIKELY;
	return true;
}

static bool threads_alive(struct matter *m)
{
	if (m->zombie->threads <= 1)
		return false;
	WHY(m,
	    "zombie %d is only a dead main thread: %u other thread%s of it still live%s, so no wait can take it yet",
	    m->zombie->pid, m->zombie->threads - 1, m->zombie->threads == 2 ? "" : "s",
	    m->zombie->threads == 2 ? "s" : "");
	return true;
}

static bool traced(struct matter *m)
{
	if (m->zombie->traced != TRI_YES)
		return false;
	if (m->zombie->tracer > 0) {
		WHY(m, "tracer %d holds zombie %d and has not waited for it", m->zombie->tracer,
		    m->zombie->pid);
		m->verdict->other = m->zombie->tracer;
		return true;
	}
	WHY(m, "a tracer outside this PID namespace holds zombie %d", m->zombie->pid);
	m->verdict->remedy =
		"detach or end its tracer, which is outside this PID namespace (strace, gdb, a crash handler); then look whether the parent reaps it";
	return true;
}

static bool namespace_dying(struct matter *m)
{
	if (m->zombie->ns_dying != TRI_YES)
		return false;
	if (m->zombie->dying_init == m->parent->pid) {
		WHY(m,
		    "parent %d is the init of a PID namespace that is dying: it waits for its last members",
		    m->parent->pid);
		m->verdict->remedy =
			"see what is left in there (coroner tree PARENT): a member that cannot die yet, or one whose parent outside must wait for it";
		return true;
	}
	WHY(m,
	    "the PID namespace of zombie %d is dying: its init %d waits until parent %d, outside, reaps it",
	    m->zombie->pid, m->zombie->dying_init, m->parent->pid);
	return true;
}

static bool parent_stopped(struct matter *m)
{
	if (m->parent->state != 'T' && m->parent->state != 't')
		return false;
	m->verdict->nudge = NUDGE_UNKNOWN;
	if (m->parent->state == 't') {
		m->verdict->other = m->parent->tracer;
		m->verdict->remedy =
			m->parent->tracer > 0 ?
				"detach or end OTHER, the tracer of the parent (strace, gdb); then look whether the parent reaps" :
				"detach or end the tracer of the parent (strace, gdb); then look whether the parent reaps";
	}
	WHY(m, "parent %d is stopped %s (state %c): it cannot call wait", m->parent->pid,
	    m->parent->state == 'T' ? "by a signal" : "under a tracer", m->parent->state);
	return true;
}

static bool parent_frozen(struct matter *m)
{
	if (m->parent->frozen != TRI_YES)
		return false;
	m->verdict->nudge = NUDGE_UNKNOWN;
	WHY(m, "the cgroup of parent %d is frozen: it cannot call wait", m->parent->pid);
	return true;
}

static bool parent_uninterruptible(struct matter *m)
{
	if (m->parent->state != 'D')
		return false;
	m->verdict->nudge = NUDGE_UNKNOWN;
	WHY(m, "parent %d is in uninterruptible sleep (state D)%s%s", m->parent->pid,
	    m->parent->in_vfork ?
		    " in vfork, until the child that it forked runs a program or ends" :
		    "",
	    m->parent->settled == TRI_YES ? ", and still was after the settle time" :
					    ", seen once: --settle tells whether it stays");
	if (m->parent->in_vfork) {
		m->verdict->other = m->parent->vfork_child;
		m->verdict->remedy =
			m->parent->vfork_child ?
				"see why child OTHER neither runs a program nor ends (coroner explain OTHER); then look whether the parent reaps" :
				"see why its youngest child neither runs a program nor ends; then look whether the parent reaps";
	}
	return likely_if(m, m->parent->settled != TRI_YES);
}

static bool clone_child(struct matter *m)
{
	char name[SIGNAL_NAME_SIZE];

	if (m->zombie->exit_signal == SIGCHLD)
		return false;
	WHY(m,
	    "zombie %d was cloned with %s for its exit signal, not SIGCHLD: a plain wait of parent %d misses it, only __WALL or __WCLONE takes it",
	    m->zombie->pid,
	    m->zombie->exit_signal ? signal_name(m->zombie->exit_signal, name) : "none",
	    m->parent->pid);
	return true;
}

static bool in_flight(struct matter *m)
{
	for (size_t i = 0; i < m->parent->n_threads; i++) {
		const struct thread_evidence *t = &m->parent->threads[i];

		if (!doing_takes(t, m->zombie))
			continue;
		WHY(m,
		    "thread %d of parent %d waits for %s child: zombie %d is being reaped as we look",
		    t->tid, m->parent->pid, t->waits == THREAD_WAITS_ANY ? "any" : "this",
		    m->zombie->pid);
		return true;
	}
	return false;
}

/* Only a subreaper adopts: it should be judged as one, if the adoption is none that it only looks like */
static bool may_be_subreaper(const struct matter *m)
{
	return m->parent->init != TRI_YES && m->parent->subreaper == TRI_UNKNOWN &&
	       m->zombie->adopted == TRI_YES;
}

#define MACHINE_REMEDY \
	"PARENT is the init of the whole machine: see with coroner probe whether it reaps at all; if not, the machine needs an init that does"

#define INIT_REMEDY \
	"run a real init there (docker run --init, tini, dumb-init, catatonit; in a pod shareProcessNamespace) and restart the container: ending PARENT clears the zombies, and ends all that lives in its PID namespace"

static bool unfit_init(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	bool handler = p->masks_known && p->disposition == SIGCHLD_CAUGHT;
	/* a lazy reaper looks every few seconds */
	bool stays = p->settled_long || m->zombie->lasting == TRI_YES;

	if (m->zombie->adopted != TRI_YES)
		return false;
	/* who surely adopted and is no init is a subreaper, though /proc does not say so */
	if (p->init != TRI_YES && p->subreaper != TRI_YES &&
	    (p->subreaper == TRI_NO || !m->zombie->adopted_proven))
		return false;
	if (handler && !doing_waits_for_other(p, m->zombie))
		m->verdict->nudge = NUDGE_MAY_HELP;
	WHY(m, "parent %d is %s and adopted zombie %d from a process that ended, but %s", p->pid,
	    p->init == TRI_YES ? "the init of its PID namespace" : "a subreaper", m->zombie->pid,
	    stays ? "does not reap what it did not start" :
		    "has not reaped it so far: --settle=2s tells whether it does");
	if (!stays)
		m->verdict->remedy =
			"look again with --settle=2s; if it does not reap, " INIT_REMEDY;
	if (p->is_machine_init)
		m->verdict->remedy = MACHINE_REMEDY;
	if (p->init != TRI_YES)
		m->verdict->remedy =
			"fix that subreaper: it must wait for any child, or not be one (PR_SET_CHILD_SUBREAPER); ending it hands its orphans on";
	/* a handler may take one a signal */
	return likely_if(m, !m->zombie->adopted_proven || handler || !stays ||
				    (p->init != TRI_YES && p->subreaper != TRI_YES));
}

static bool waits_for_other(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	const struct thread_evidence *t = doing_waits_for_other(p, m->zombie);

	if (!t || (p->masks_known && p->disposition == SIGCHLD_CAUGHT) ||
	    doing_waits_for_signal(p) || p->signalfd == TRI_YES)
		return false;
	m->verdict->other = t->pid;
	if (doing_may_take_signals(p))
		m->verdict->nudge = NUDGE_UNKNOWN;
	if (t->pid) {
		WHY(m,
		    "thread %d of parent %d waits for process %d alone, and nothing %sin it serves SIGCHLD",
		    t->tid, p->pid, t->pid, doing_may_take_signals(p) ? "seen " : "");
	} else {
		WHY(m,
		    "thread %d of parent %d waits for one other child, and nothing %sin it serves SIGCHLD",
		    t->tid, p->pid, doing_may_take_signals(p) ? "seen " : "");
		m->verdict->remedy =
			"fix the parent: it must wait for every child that it starts; ending it hands its zombies to the reaper above (coroner reaper PARENT)";
	}
	return likely_if(m, !p->masks_known || doing_is_unknown(p) || p->n_threads > 1 || !t->pid ||
				    may_be_subreaper(m));
}

static bool sigchld_blocked(struct matter *m)
{
	const struct parent_evidence *p = m->parent;
	const struct thread_evidence *t = doing_waits_for_signal(p);

	if (!p->masks_known || (!p->blocked && !t))
		return false;
	m->verdict->nudge = p->pending ? NUDGE_USELESS : NUDGE_MAY_HELP;
	if (t)
		WHY(m,
		    "thread %d of parent %d takes signals with sigtimedwait%s, but has not taken all",
		    t->tid, p->pid, t->waits == THREAD_WAITS_SIGCHLD ? ", SIGCHLD among them" : "");
	else if (p->signalfd == TRI_YES)
		WHY(m,
		    "parent %d blocks SIGCHLD and takes it by a signalfd, but has not taken all%s",
		    p->pid, p->pending ? ": one is pending" : "");
	else
		WHY(m, "parent %d blocks SIGCHLD in every thread%s", p->pid,
		    p->pending ? ", and one is pending" : "");
	if (t)
		m->verdict->remedy =
			"fix the parent: after each SIGCHLD that it takes it must call waitpid(-1, ..., WNOHANG) until no child is left; ending it hands its zombies to the reaper above (coroner reaper PARENT)";
	/* a mask of one that runs is a mask of that moment: shells block SIGCHLD around a fork */
	return likely_if(m, p->state == 'R' || (t && t->waits != THREAD_WAITS_SIGCHLD) ||
				    may_be_subreaper(m));
}

static bool sigchld_ignored(struct matter *m)
{
	const struct parent_evidence *p = m->parent;

	if (!p->masks_known || (p->disposition != SIGCHLD_IGNORED && p->no_cldwait != TRI_YES))
		return false;
	WHY(m, "parent %d %s now: that reaps later children, zombie %d died before it did so",
	    p->pid, p->disposition == SIGCHLD_IGNORED ? "ignores SIGCHLD" : "has SA_NOCLDWAIT set",
	    m->zombie->pid);
	if (doing_may_take_signals(p))
		m->verdict->nudge = NUDGE_UNKNOWN;
	return likely_if(m, may_be_subreaper(m));
}

static bool sigchld_default(struct matter *m)
{
	const struct parent_evidence *p = m->parent;

	if (!p->masks_known || p->disposition != SIGCHLD_DEFAULT)
		return false;
	if (doing_may_take_signals(p)) {
		m->verdict->nudge = NUDGE_UNKNOWN;
		WHY(m,
		    "parent %d has no handler for SIGCHLD; whether it is in a wait that would take zombie %d could not be read",
		    p->pid, m->zombie->pid);
	} else {
		WHY(m,
		    "parent %d has no handler for SIGCHLD and is in no wait that would take zombie %d: only its own code calling wait can",
		    p->pid, m->zombie->pid);
	}
	if (p->init == TRI_YES && m->zombie->adopted == TRI_UNKNOWN)
		m->verdict->remedy =
			"run a real init there if it did not start them itself (docker run --init, tini, dumb-init), else fix it; restart it";
	else if ((p->subreaper == TRI_YES && m->zombie->adopted == TRI_UNKNOWN) ||
		 may_be_subreaper(m))
		m->verdict->remedy =
			"fix the parent: it must wait for every child that it starts and, as a subreaper, for every one that it adopts; no signal makes it reap";
	return likely_if(m, doing_is_unknown(p) ||
				    ((p->init == TRI_YES || p->subreaper == TRI_YES) &&
				     m->zombie->adopted == TRI_UNKNOWN) ||
				    may_be_subreaper(m));
}

static bool sigchld_caught(struct matter *m)
{
	const struct parent_evidence *p = m->parent;

	if (!p->masks_known || p->disposition != SIGCHLD_CAUGHT)
		return false;
	m->verdict->nudge = NUDGE_MAY_HELP;
	WHY(m,
	    "parent %d catches SIGCHLD, yet zombie %d stays: its handler takes one child a signal, or only children that it knows",
	    p->pid, m->zombie->pid);
	return likely_if(m, p->settled != TRI_YES);
}

static bool unknown(struct matter *m)
{
	const struct parent_evidence *p = m->parent;

	m->verdict->nudge = NUDGE_UNKNOWN;
	if (p->seen) {
		WHY(m, "the signal masks of parent %d could not be read", p->pid);
		m->verdict->remedy =
			"run coroner as root or with CAP_SYS_PTRACE, for it to read the masks of PARENT";
	} else if (p->pid) {
		WHY(m, "parent %d is not in sight: it ended meanwhile, or proc hides it", p->pid);
		m->verdict->remedy =
			"run coroner again, as root or with CAP_SYS_PTRACE where proc hides PARENT (hidepid)";
	} else {
		WHY(m, "its parent is outside this PID namespace and cannot be seen from here");
	}
	return likely_if(m, true);
}

/* The rows of the table in SPEC, in its order; nudge is useless unless a rule says otherwise. */
static const struct row {
	enum verdict_code code;
	const char *name;
	bool (*rule)(struct matter *m);
	const char *remedy;
} rows[] = {
	{ VERDICT_THREADS_ALIVE, "threads-alive", threads_alive,
	  "it is not dead yet: wait for its other threads, or end it (kill ZOMBIE, or kill -KILL ZOMBIE if that does nothing); then look whether the parent reaps it" },
	{ VERDICT_TRACED, "traced", traced,
	  "detach or end its tracer OTHER (strace, gdb, a crash handler); then look whether the parent reaps it" },
	{ VERDICT_NAMESPACE_DYING, "namespace-dying", namespace_dying,
	  "make PARENT wait for ZOMBIE, or end PARENT, so that its heir does; then the PID namespace goes" },
	{ VERDICT_PARENT_STOPPED, "parent-stopped", parent_stopped,
	  "let it run: kill -CONT PARENT; then look whether it reaps" },
	{ VERDICT_PARENT_FROZEN, "parent-frozen", parent_frozen,
	  "thaw its cgroup (docker unpause, systemctl thaw; coroner explain PARENT says which); then look whether it reaps" },
	{ VERDICT_PARENT_UNINTERRUPTIBLE, "parent-uninterruptible", parent_uninterruptible,
	  "find what it waits for (storage, NFS): /proc/PARENT/wchan, /proc/PARENT/stack" },
	{ VERDICT_CLONE_CHILD, "clone-child", clone_child,
	  "fix the parent: wait with __WALL, or clone with SIGCHLD; ending the parent hands the zombie to a reaper" },
	{ VERDICT_IN_FLIGHT, "in-flight", in_flight, "nothing: look again" },
	{ VERDICT_UNFIT_INIT, "unfit-init", unfit_init, INIT_REMEDY },
	{ VERDICT_WAITS_FOR_OTHER, "waits-for-other", waits_for_other,
	  "see why OTHER does not end (coroner explain OTHER), for the parent waits for that one; for good, it must wait for every child that it starts; ending it hands its zombies to the reaper above (coroner reaper PARENT)" },
	{ VERDICT_SIGCHLD_BLOCKED, "sigchld-blocked", sigchld_blocked,
	  "fix the parent: unblock SIGCHLD and handle it, or take it by signalfd or sigwait and then wait until no child is left; ending it hands its zombies to the reaper above (coroner reaper PARENT)" },
	{ VERDICT_SIGCHLD_IGNORED, "sigchld-ignored", sigchld_ignored,
	  "the parent must wait once for each of them, or be ended, for the reaper above to take them; new zombies will not come" },
	{ VERDICT_SIGCHLD_DEFAULT, "sigchld-default", sigchld_default,
	  "fix the parent: it must wait for every child that it starts, or ignore SIGCHLD; no signal makes it reap; ending it hands its zombies to the reaper above (coroner reaper PARENT)" },
	{ VERDICT_SIGCHLD_CAUGHT, "sigchld-caught", sigchld_caught,
	  "fix the handler: loop over waitpid(-1, ..., WNOHANG); coroner nudge PARENT may clear some now" },
	{ VERDICT_UNKNOWN, "unknown", unknown,
	  "run coroner where the parent is visible: on the host, or in the parent's PID namespace" },
};

static const struct row *row_of(enum verdict_code code)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

const char *verdict_name(enum verdict_code code)
{
	return row_of(code)->name;
}

void verdict_of_zombie(const struct parent_evidence *parent, const struct zombie_evidence *zombie,
		       struct verdict *ret)
{
	struct matter m = { parent, zombie, ret };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ret->code = rows[i].code;
		ret->certainty = CERTAINTY_PROVEN;
		ret->nudge = NUDGE_USELESS;
		ret->remedy = rows[i].remedy;
		ret->parent = parent->pid;
		ret->zombie = zombie->pid;
		ret->other = 0;
		if (rows[i].rule(&m))
			return;
	}
}

void verdict_of_parent(const struct parent_evidence *parent, const struct zombie_evidence *zombies,
		       size_t n, struct verdict *ret)
{
	size_t votes[VERDICT_COUNT] = { 0 }, first[VERDICT_COUNT] = { 0 }, kinds = 0, len;
	enum certainty least[VERDICT_COUNT] = { 0 };
	enum verdict_code most = 0;

	for (size_t i = 0; i < n; i++) {
		enum verdict_code code;

		verdict_of_zombie(parent, &zombies[i], ret);
		code = ret->code;
		if (votes[code]++ == 0) {
			first[code] = i;
			least[code] = ret->certainty;
		} else if (ret->certainty < least[code]) {
			least[code] = ret->certainty;
		}
	}
	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++) {
		kinds += votes[code] > 0;
		if (votes[code] > votes[most])
			most = code;
	}
	verdict_of_zombie(parent, &zombies[first[most]], ret);
	ret->certainty = least[most];
	if (kinds < 2)
		return;
	len = strlen(ret->why);
	snprintf(ret->why + len, VERDICT_WHY_SIZE - len, "; mixed:");
	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++) {
		len = strlen(ret->why);
		if (votes[code])
			snprintf(ret->why + len, VERDICT_WHY_SIZE - len, " %s x%zu",
				 verdict_name(code), votes[code]);
	}
}

const char *zombie_blocker(const struct zombie_evidence *zombie)
{
	if (zombie->threads > 1)
		return "threads-alive";
	return zombie->traced == TRI_YES ? "traced" : "none";
}
