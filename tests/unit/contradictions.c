/* SPDX-License-Identifier: MIT */
/* What is said of any evidence, for every verdict in every role: why, remedy and nudge go together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "judge/verdict.h"
#include "words/remedy.h"
#include "words/verdict.h"

#define ROUNDS 300000

static uint32_t state = 1;

static uint32_t any(uint32_t n)
{
	state = state * 1664525U + 1013904223U;
	return (state >> 8) % n;
}

static bool often(void)
{
	return any(4) != 0;
}

static enum tri any_tri(void)
{
	static const enum tri values[] = { TRI_UNKNOWN, TRI_NO, TRI_YES };

	return values[any(3)];
}

static struct thread_evidence any_thread(char process_state)
{
	struct thread_evidence t = {
		.tid = 10 + (pid_t)any(2),
		.waits = (enum thread_waits)any(THREAD_WAITS_UNKNOWN + 1),
		.state = often() ? process_state : "SRDTtZ"[any(6)],
		.pid = any(3) ? 90 : 0,
		.options = any(3) ? WEXITED : WEXITED | __WNOTHREAD,
		.same = any_tri(),
		.in_do_wait = any_tri(),
		.in_vfork = any(9) == 0,
	};

	return t;
}

static void any_evidence(struct parent_evidence *p, struct thread_evidence threads[2],
			 struct zombie_evidence *z)
{
	*p = (struct parent_evidence){
		.seen = any(20) != 0,
		.pid = 10,
		.state = often() ? 'S' : "SRDTt"[any(5)],
		.single = any(2),
		.frozen = any(8) ? TRI_NO : any_tri(),
		.frozen_all = any_tri(),
		.settled = any_tri(),
		.settled_long = any(2),
		.sleeps_long = any_tri(),
		.waited = any_tri(),
		.waits_now = any(5) == 0,
		.ending = any(12) ? TRI_NO : any_tri(),
		.core_dumping = any(20) == 0,
		.init = any_tri(),
		.subreaper = any_tri(),
		.masks_known = any(8) != 0,
		.disposition = (enum sigchld_disposition)any(3),
		.blocked = any(4) == 0,
		.call_mask = any(4) == 0,
		.pending = any(4) == 0,
		.no_cldwait = any_tri(),
		.signalfd = any(3) ? TRI_NO : any_tri(),
		.reads = any(4) == 0,
		.fed = any(4) == 0,
		.tracer = any(2) ? 80 : 0,
		.vfork_child = any(2) ? 70 : 0,
		.threads = threads,
		.n_threads = any(3),
	};
	p->is_machine_init = p->init == TRI_YES && any(3) == 0;
	for (size_t i = 0; i < 2; i++)
		threads[i] = any_thread(p->state);
	*z = (struct zombie_evidence){
		.pid = 11,
		.threads = any(12) ? 1 : 2 + any(2),
		.traced = any(12) ? TRI_NO : any_tri(),
		.tracer = any(2) ? 80 : 0,
		.exit_signal = any(10) ? SIGCHLD : (uint8_t)any(2) * SIGUSR1,
		.adopted = any_tri(),
		.adopted_proven = any(2),
		.replaced = any_tri(),
		.same_name = any(2),
		.ran_since = any_tri(),
		.lasting = any_tri(),
		.overdue = any_tri(),
		.parent_thread = any(2) ? 10 : 0,
		.ns_dying = any(12) ? TRI_NO : any_tri(),
		.dying_init = any(2) ? 10 : 60,
	};
	z->held_threads = any(2) ? z->threads - 1 : 0;
}

static bool has(const char *text, const char *const *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(text, parts[i]))
			return true;
	return false;
}

#define HAS(text, ...)                                    \
	has((text), (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

/* What its parent does with it is still open: that one may wake at any time, and the zombie is not long overdue */
static bool is_open(const struct parent_evidence *p, const struct zombie_evidence *z,
		    const struct verdict *v)
{
	if (v->code < VERDICT_CLONE_CHILD || v->code == VERDICT_IN_FLIGHT ||
	    v->code == VERDICT_WAITS_FOR_OTHER)
		return false;
	return p->waits_now || ((p->sleeps_long != TRI_YES || p->reads || p->fed) &&
				(z->overdue != TRI_YES || p->waited != TRI_NO));
}

/* NULL: nothing is wrong */
static const char *wrong(const struct parent_evidence *p, const struct zombie_evidence *z,
			 const struct verdict *v, const char *why, const char *remedy)
{
	if (v->certainty == CERTAINTY_PROVEN && is_open(p, z, v))
		return "proven, and the parent may come to it yet";
	if (v->certainty == CERTAINTY_PROVEN &&
	    HAS(why, "may only be", "may come", "--settle", "not known", "nothing shows",
		"nothing seen", "may run", "may look", "could not be read", "only BPF tells",
		"so far", "a timer may"))
		return "proven, with a doubt";
	if (v->certainty == CERTAINTY_PROVEN && HAS(remedy, "look again with", "look again later"))
		return "proven, and to be looked at again";
	if (HAS(why, "PARENT", "ZOMBIE", "OTHER") ||
	    HAS(remedy, "PARENT", "ZOMBIE", "OTHER", "ENDING"))
		return "a number is missing";
	if (HAS(why, " 0 ", " 0,", "-1 ") || HAS(remedy, " 0 ", " 0,", " 0)", "-1 "))
		return "somebody has no number";
	if (v->nudge == NUDGE_USELESS && HAS(remedy, "coroner nudge"))
		return "a nudge is advised that is useless";
	if (p->is_machine_init &&
	    HAS(remedy, "ending 10", "restart the container", "kill -KILL", "kill -TERM"))
		if (!p->core_dumping)
			return "the machine's init is to be ended";
	if (p->init == TRI_YES && HAS(remedy, "if its heir reaps"))
		return "an init has no heir";
	if (p->init == TRI_NO &&
	    HAS(remedy, "ends all that lives in its PID namespace", "run a real init"))
		return "it is no init";
	if (p->disposition == SIGCHLD_CAUGHT && p->masks_known &&
	    HAS(why, "no handler for SIGCHLD"))
		return "it has a handler";
	if ((p->disposition != SIGCHLD_CAUGHT || !p->masks_known) &&
	    HAS(why, "catches SIGCHLD", "its handler takes"))
		return "it has none";
	if (HAS(why, " 1 other threads", "1 processes", "1 zombies"))
		return "one is no plural";
	return NULL;
}

static void every_verdict_in_every_role(void **unused)
{
	uint32_t met[VERDICT_COUNT][ROLE_MACHINE_INIT + 1] = { 0 };

	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		struct thread_evidence threads[2];
		struct parent_evidence p;
		struct zombie_evidence z;
		struct verdict v;
		char *why, *remedy;
		const char *fault;

		any_evidence(&p, threads, &z);
		verdict_of_zombie(&p, &z, &v);
		why = verdict_why(&v);
		remedy = remedy_of(&v);
		fault = wrong(&p, &z, &v, why, remedy);
		met[v.code][v.role]++;
		if (fault)
			fail_msg("round %d: %s: %s, %s: %s / %s", i, fault, verdict_name(v.code),
				 certainty_name(v.certainty), why, remedy);
		free(why);
		free(remedy);
	}
	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++)
		for (int role = 0; role <= ROLE_MACHINE_INIT; role++)
			if (!met[code][role])
				fail_msg("%s in role %d was not met", verdict_name(code), role);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_in_every_role),
	};

	return cmocka_run_group_tests_name("contradictions", tests, NULL, NULL);
}
