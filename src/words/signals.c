/* SPDX-License-Identifier: MIT */
#include "words/signals.h"

#include <signal.h>

#include "inspect/text/signals.h"

/* The Go runtime installs handlers for all signals but a few (runtime/sigtab_linux_generic.go) */
#define GO_CATCHES 55

const char *signals_hint(const struct signal_view *v)
{
	uint64_t caught = v->target.caught;

	if (__builtin_popcountll(caught) >= GO_CATCHES && mask_has(caught, SIGURG) &&
	    mask_has(caught, SIGPROF))
		return "It catches nearly every signal, as the Go runtime does for every program "
		       "(inferred): a handler does not mean that the program asked for the signal. "
		       "An unasked-for SIGTERM or SIGINT ends a Go program, even an init.";
	for (size_t i = 0; i < v->target.n_threads; i++)
		if (v->target.threads[i].in_sigwait)
			return "SigCgt and SigBlk do not show what a thread in rt_sigtimedwait takes: "
			       "tini, catatonit and others handle signals that way.";
	return NULL;
}

static const char *const whys[WHY_COUNT] = {
	[WHY_DEAD] = "it is dead: kill(2) succeeds, and nobody gets the signal",
	[WHY_DYING] = "it is being torn down already: the kernel drops every signal",
	[WHY_KILLED] =
		"SIGKILL is pending already: it ends once it can, and the kernel drops all that is sent",
	[WHY_ENDING] = "it is ending already: the kernel drops every signal, SIGKILL too",
	[WHY_ENDING_HELD] =
		"it is ending already, and its tracer holds it: the kernel drops every signal, SIGKILL too",
	[WHY_ENDING_MAYBE] =
		"its tracer may hold it on its way out, where the kernel drops every signal, SIGKILL too",
	[WHY_CORE] =
		"it has crashed and writes its core (CoreDumping): the kernel drops all but SIGKILL",
	[WHY_CORE_KILL] =
		"it has crashed and writes its core (CoreDumping): SIGKILL breaks that off, unless its disk holds it",
	[WHY_KERNEL] = "it is a kernel thread, and those ignore what processes send",
	[WHY_IGNORED] = "the process ignores this signal (SigIgn)",
	[WHY_HARMLESS] = "it has no handler, and the default action is to do nothing",
	[WHY_INIT] =
		"the init of a PID namespace gets no signal that it has no handler for, from inside or outside",
	[WHY_INIT_INSIDE] =
		"SIGKILL and SIGSTOP reach the init of a PID namespace from an ancestor namespace only",
	[WHY_MACHINE] =
		"the init of the whole machine gets neither SIGKILL nor SIGSTOP from anybody",
	[WHY_FORCED_INIT] =
		"sent from an ancestor namespace, SIGKILL and SIGSTOP are forced on an init",
	[WHY_TRACED] = "a tracer is attached: it sees the signal first and decides (ptrace(2))",
	[WHY_BLOCKED] = "every thread blocks it (SigBlk): it stays pending until one unblocks it",
	[WHY_STOPPED] = "it is stopped: only SIGKILL and SIGCONT act before SIGCONT lets it run",
	[WHY_FROZEN] = "its cgroup is frozen: the signal waits until it is thawed",
	[WHY_FROZEN_V1] =
		"its cgroup is frozen by the v1 freezer: every signal, SIGKILL too, waits until it is thawed",
	[WHY_FATAL_FROZEN] =
		"its cgroup is frozen, but cgroup v2 lets a signal that ends the process through",
	[WHY_SLEEP] = "it is in uninterruptible sleep (state D): the signal waits until that ends",
	[WHY_SLEEP_BEHIND] =
		"it is in uninterruptible sleep (state D) with another signal pending: this one waits behind it",
	[WHY_FATAL_SLEEP] =
		"it is in state D: what ends a process acts at once only if that sleep is a killable one",
	[WHY_FATAL_VFORK] =
		"it is in state D, waiting for its vfork child: what ends a process ends that wait, too",
	[WHY_SIGWAIT] =
		"a thread sleeps in rt_sigtimedwait for it, which hides it from SigBlk, and takes it as data",
	[WHY_SIGWAIT_MAYBE] =
		"a thread sleeps in rt_sigtimedwait for signals that could not be read: perhaps for this one",
	[WHY_SIGWAIT_RACE] =
		"a thread waits for it in rt_sigtimedwait, but another one does not block it and may get it",
	[WHY_SIGWAIT_UNSEEN] =
		"what its threads do could not be read: it may wait for signals, as tini does, and take it",
	[WHY_SIGNALFD_UNSEEN] =
		"every thread blocks it (SigBlk); whether a signalfd of it takes it could not be read",
	[WHY_SIGNALFD] = "it is blocked, and a signalfd of the process takes it once that is read",
	[WHY_CAUGHT] = "a handler runs (SigCgt); what it does is up to the program",
	[WHY_NO_CATCH] = "no process can catch, block or ignore it",
	[WHY_DEFAULT_STOP] =
		"it has no handler, and the default action is to stop, unless its process group is orphaned",
	[WHY_DEFAULT_DIE] = "it has no handler, and the default action is to end the process",
	[WHY_CONTINUE_DIE] =
		"it lets the process run, and a pending signal that has no handler then ends it",
	[WHY_CONTINUE] = "SIGCONT lets a stopped process run, whatever its masks say",
};

const char *signal_why(enum signal_why why)
{
	return whys[why];
}

const char *signal_when(enum signal_when when)
{
	static const char *const whens[WHEN_COUNT] = {
		[WHEN_RUNS] = "until it runs again",
		[WHEN_THAWED] = "until it is thawed",
		[WHEN_AWAKE] = "until that sleep ends",
		[WHEN_KILLABLE] = "at once if that sleep is a killable one, else when it ends",
	};

	return whens[when];
}

/* The token, the word of a table, the verb of a sentence */
static const struct effect_words {
	const char *token, *brief, *does;
} effects[] = {
	[EFFECT_NOTHING] = { "nothing", "nothing", "does nothing" },
	[EFFECT_DIES] = { "dies", "ends it", "ends it" },
	[EFFECT_STOPS] = { "stops", "stops it", "stops it" },
	[EFFECT_CONTINUES] = { "continues", "lets it run on", "lets it run on" },
	[EFFECT_HANDLED] = { "handled", "runs a handler", "runs a handler" },
	[EFFECT_TAKEN] = { "taken", "is taken", "is taken by a wait for signals" },
	[EFFECT_PENDING] = { "pending", "stays pending", "stays pending" },
	[EFFECT_TRACER] = { "tracer", "goes to the tracer", "goes to its tracer first" },
	[EFFECT_UNKNOWN] = { "unknown", "not known", "does what is not known" },
};

const char *signal_effect_name(enum signal_effect effect)
{
	return effects[effect].token;
}

const char *signal_effect_brief(enum signal_effect effect)
{
	return effects[effect].brief;
}

const char *signal_effect_does(enum signal_effect effect)
{
	return effects[effect].does;
}

char *signal_awaited_words(pid_t tid, const char *names)
{
	return xasprintf("thread %d sleeps in rt_sigtimedwait for: %s", tid,
			 names ? names : "a set that is not known");
}

char *signal_fatal_words(int signal)
{
	char name[SIGNAL_NAME_SIZE];

	return xasprintf("%s is pending%s: it ends as soon as it runs again.",
			 signal_name(signal, name), signal == SIGKILL ? "" : " and has no handler");
}

const char *signal_handled_words(void)
{
	return "A handler for SIGCHLD does not mean that zombies are reaped; coroner nudge tries it.";
}
