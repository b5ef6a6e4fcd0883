/* SPDX-License-Identifier: MIT */
/* What is left to somebody who may neither end the parent nor change its program. */
#include <inttypes.h>
#include <stdio.h>

#include "inspect/owner.h"
#include "render/text.h"
#include "words/explain/explain.h"
#include "words/acts/reap_words.h"
#include "words/remedy.h"
#include "words/verdict.h"

/*
 * Kernel memory of a zombie: its task, sighand, signal and pid structures; its stack is gone. Measured by a memory
 * cgroup: 7.8 KiB on 6.18. Distributions build a larger task, and who looks at it in /proc adds to the caches of
 * inodes and names, which can be had back.
 */
#define ZOMBIE_KIB_LEAST 8
#define ZOMBIE_KIB_MOST 16

/* machine-NAME.scope or systemd-nspawn@NAME.service, as systemd spells it in the path; owned by the caller */
static char *nspawn_unit(const char *path)
{
	for (const char *at = path; at; at = strchr(at, '/')) {
		size_t len;

		at += *at == '/';
		len = strcspn(at, "/");
		if ((has_prefix(at, "machine-") && len > 6 && !memcmp(at + len - 6, ".scope", 6)) ||
		    has_prefix(at, "systemd-nspawn@"))
			return xasprintf("%.*s", (int)len, at);
	}
	return NULL;
}

/* In quotes where it holds the backslash of an escape; NULL: nothing to be pasted. Owned by the caller */
static char *set_unit(const char *unit)
{
	const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.@-";
	size_t len = strspn(unit, plain);

	if (!unit[len])
		return xasprintf("systemctl set-property %s TasksMax=N", unit);
	for (const char *at = unit; *at; at++)
		if (*at != '\\' && !strchr(plain, *at))
			return NULL;
	return xasprintf("systemctl set-property '%s' TasksMax=N", unit);
}

static char *nspawn_raise(const struct container *c)
{
	auto_free char *unit = c->cgroup ? nspawn_unit(c->cgroup) : NULL;

	return unit ? set_unit(unit) : NULL;
}

/* The engine's own way to raise pids.max of a container; NULL: it has none. Owned by the caller */
static char *engine_raise(const struct container *c)
{
	if (c->pod_uid[0])
		return xstrdup(
			"raise podPidsLimit in the kubelet's configuration (it is one for all pods of a node)");
	if (streq(c->runtime, "docker") || streq(c->runtime, "podman"))
		return xasprintf("%s update --pids-limit N %s", c->runtime, c->id);
	if (streq(c->runtime, "containerd"))
		return xasprintf("nerdctl update --pids-limit N %s", c->id);
	if (streq(c->runtime, "systemd-nspawn"))
		return nspawn_raise(c);
	return NULL;
}

static char *raise_cgroup(const struct explain_case *e, const struct story *s,
			  const struct limit *l)
{
	const struct details *d = &explain_focus(e)->details;
	auto_free char *engine = d->in_container ? engine_raise(&d->container) : NULL;
	auto_free char *name = text_printable(l->name, strlen(l->name), s->terminal->utf8);
	const struct owner *owner = e->zombie ? &e->parent_owner : &e->owner;

	if (engine)
		return xstrdup(engine);
	if (owner->unit[0]) {
		char *unit = set_unit(owner->unit);

		if (unit)
			return unit;
	}
	return xasprintf("write a higher number to pids.max of %s", name);
}

/* The command that raises a limit; NULL: none is known. Owned by the caller */
static char *raise_words(const struct explain_case *e, const struct story *s, const struct limit *l)
{
	switch (l->kind) {
	case LIMIT_CGROUP:
		return raise_cgroup(e, s, l);
	case LIMIT_PID_MAX:
		return xstrdup("sysctl kernel.pid_max=N, in that PID namespace");
	case LIMIT_THREADS_MAX:
		return xstrdup("sysctl kernel.threads-max=N");
	case LIMIT_NPROC:
		return xasprintf("prlimit --pid %d --nproc=N (and LimitNPROC= of its unit)",
				 explain_focus(e)->details.process.pid);
	}
	return NULL;
}

static void tell_leave(struct story *s, size_t n)
{
	const size_t least = n * ZOMBIE_KIB_LEAST, most = n * ZOMBIE_KIB_MOST;

	if (n == 1)
		story_tell(
			s, "left",
			"Or leave it: one zombie costs a PID and some %d to %d KiB of kernel memory, and nothing else.",
			ZOMBIE_KIB_LEAST, ZOMBIE_KIB_MOST);
	else
		story_tell(
			s, "left",
			"Or leave them: %zu zombies cost as many PIDs and some %zu to %zu KiB of kernel memory, and nothing else.",
			n, least, most);
}

static void tell_raise(const struct explain_case *e, struct story *s)
{
	const struct headroom *answer = &e->cost.answer;
	auto_free char *raise = NULL;

	if (!e->has_cost || answer->binding < 0 || !answer->has_total)
		return;
	raise = raise_words(e, s, &e->cost.limits[answer->binding]);
	if (raise)
		story_tell(s, "left", "To make room for more of them, raise the %s: %s.",
			   answer->unknown ? "tightest limit that is known" : "limit that binds",
			   raise);
}

/* What reap --own takes, as it is */
#define OWN_ONES "those that are dead for a minute or longer, where that is known"

/* Whether plain reap takes them: the parent never heard of them */
static bool never_heard(const struct explain_case *e)
{
	return e->verdict.code == VERDICT_UNFIT_INIT || e->verdict.code == VERDICT_PARENT_REPLACED;
}

static void tell_refusal(const struct explain_case *e, struct story *s)
{
	auto_free char *why = reap_refusal_words(&e->rehearsal, e->rights);

	story_tell(
		s, "left",
		"Who may neither end it nor change its program: coroner reap %s%d would have it collect %s; as it is it refuses: %s.",
		never_heard(e) ? "" : "--own ", e->parent->details.process.pid,
		never_heard(e) ? "them" : OWN_ONES, why);
}

/* Not of one that reads first: it comes to its own wait, and would find nobody there */
static void tell_reap(const struct explain_case *e, struct story *s)
{
	const pid_t pid = e->parent->details.process.pid;

	if (e->has_holders || e->verdict.code == VERDICT_UNKNOWN ||
	    e->rehearsal.refusal == REAP_GONE || !e->may_act)
		return;
	if (e->rehearsal.refusal != REAP_ALLOWED)
		tell_refusal(e, s);
	else if (never_heard(e))
		story_tell(
			s, "left",
			"Who may neither end it nor change its program: coroner reap %d has it collect those that %s, now; the cause stays.",
			pid,
			e->verdict.code == VERDICT_UNFIT_INIT ?
				"it adopted" :
				"the program before it (exec) started");
	else
		story_tell(
			s, "left",
			"Who may neither end it nor change its program: coroner reap --own %d has it collect " OWN_ONES
			"; the cause stays, and what a later wait of its own would miss is in coroner reap --help.",
			pid);
}

void explain_left(const struct explain_case *e, struct story *s)
{
	const struct parent_case *p = e->parent;

	if (!p || !p->process || p->n_zombies == 0 || !verdict_traits(e->verdict.code)->alerting ||
	    !verdict_traits(e->verdict.code)->own_code)
		return;
	tell_reap(e, s);
	tell_raise(e, s);
	tell_leave(s, p->n_zombies);
	explain_source(e, s);
}
